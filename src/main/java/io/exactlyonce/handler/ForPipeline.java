package io.exactlyonce.handler;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the pipeline, a key under {@code pipelines} in the configuration, that a handler serves: on
 * its class, or on the method of a factory that makes it, where one class serves several pipelines.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface ForPipeline {
  String value();
}
