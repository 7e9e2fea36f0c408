package io.exactlyonce.handler;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the pipeline that a handler serves, a key under {@code pipelines} in the configuration. It
 * is put on the handler's class, or, where one class serves several pipelines, on the method of a
 * factory that makes it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface ForPipeline {
  String value();
}
