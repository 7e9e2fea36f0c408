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
 * Bean configuration for commands, in which nothing starts by itself. Pipelines, listeners,
 * scheduled methods and eager beans are left out, those of the user and those of the framework;
 * every other bean is made when it is asked for, as in the server.
 */
final class NothingStarted implements BeanConfiguration {
  /**
   * Makes a context, which the caller starts and closes.
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

  /** Always false, so that the beans within this configuration do not exist. */
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
