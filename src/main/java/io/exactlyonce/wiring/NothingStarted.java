package io.exactlyonce.wiring;

import io.micronaut.context.ApplicationContext;
import io.micronaut.context.BeanContext;
import io.micronaut.context.BeanResolutionContext;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.core.annotation.AnnotationMetadata;
import io.micronaut.inject.BeanConfiguration;
import io.micronaut.inject.BeanDefinitionReference;
import java.util.Map;

/**
 * The application's beans for a command beside it: each is there when it is asked for, and none
 * begins by itself. So neither pipelines nor listeners, schedules and eager beans start, the user's
 * or the framework's, while factories and configuration are what they are when it serves.
 */
final class NothingStarted implements BeanConfiguration {
  /**
   * A context of the application that is not started yet, to be closed by the caller.
   *
   * @param properties win over the application's configuration
   */
  static ApplicationContext context(Map<String, Object> properties) {
    return ApplicationContext.builder()
        .deduceEnvironment(false)
        .beanConfigurations(new NothingStarted())
        .properties(properties)
        .build();
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"}) // as the framework declares it
  public boolean isWithin(BeanDefinitionReference bean) {
    return bean.isContextScope()
        || bean.requiresMethodProcessing()
        || ApplicationEventListener.class.isAssignableFrom(bean.getBeanType());
  }

  /** That what is within is not there. */
  @Override
  public boolean isEnabled(BeanContext context, BeanResolutionContext resolution) {
    return false;
  }

  @Override
  public boolean isWithin(String className) {
    return false;
  }

  @Override
  public Package getPackage() {
    return NothingStarted.class.getPackage();
  }

  @Override
  public String getName() {
    return NothingStarted.class.getName();
  }

  @Override
  public String getVersion() {
    return "";
  }

  @Override
  public AnnotationMetadata getAnnotationMetadata() {
    return AnnotationMetadata.EMPTY_METADATA;
  }
}
