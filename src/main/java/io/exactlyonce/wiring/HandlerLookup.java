package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.Ordering;
import io.exactlyonce.handler.BatchHandler;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.micronaut.context.ApplicationContext;
import io.micronaut.core.type.Argument;
import io.micronaut.inject.BeanDefinition;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;

/** Finds the handler bean whose {@link ForPipeline} names a pipeline. */
@Singleton
final class HandlerLookup {
  /** A handler, and its type argument: the type of its input. */
  record Found(Handler<Object> handler, Argument<?> input) {}

  private final ApplicationContext beans;

  HandlerLookup(ApplicationContext beans) {
    this.beans = beans;
  }

  /**
   * Finds and makes a pipeline's handler.
   *
   * @throws ConfigurationException where there is none or more than one, where it cannot be made,
   *     or where it cannot keep the configured ordering
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  Found find(PipelineConfig config) {
    Collection<BeanDefinition<Handler>> all = beans.getBeanDefinitions(Handler.class);
    List<BeanDefinition<Handler>> mine =
        all.stream()
            .filter(
                bean ->
                    bean.stringValue(ForPipeline.class).filter(config.name()::equals).isPresent())
            .toList();
    if (mine.size() != 1) {
      throw new ConfigurationException(
          PipelineConfig.PREFIX + config.name(),
          mine.isEmpty() ? "(no handler)" : mine.stream().map(BeanDefinition::getName).toList(),
          "needs exactly one bean that implements Handler with @ForPipeline(\""
              + config.name()
              + "\")");
    }
    BeanDefinition<Handler> bean = mine.get(0);
    List<Argument<?>> arguments = bean.getTypeArguments(Handler.class);
    Argument<?> input = arguments.isEmpty() ? Argument.of(byte[].class) : arguments.get(0);
    Handler<Object> handler = make(config, bean);
    if (handler instanceof BatchHandler && config.ordering() == Ordering.KEY) {
      throw new ConfigurationException(
          config.key("ordering"),
          "key",
          "cannot be kept by "
              + bean.getName()
              + ", a BatchHandler, which takes consecutive records of a partition at once; set"
              + " ordering to partition or none");
    }
    return new Found(handler, input);
  }

  /**
   * Makes the handler, and calls its {@code mostEvents}, so that a failure of either ends the
   * start.
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private Handler<Object> make(PipelineConfig config, BeanDefinition<Handler> bean) {
    Handler<Object> handler;
    try {
      handler = (Handler<Object>) beans.getBean(bean);
    } catch (RuntimeException | Error e) {
      if (StartFailure.setting(e).isPresent()) {
        throw e;
      }
      throw failed(
          config, bean, "cannot be made", e, "correct it, or the setting or the system it needs");
    }
    try {
      if (handler instanceof BatchHandler<?> batch) {
        batch.mostEvents();
      }
    } catch (RuntimeException | Error e) {
      throw failed(
          config, bean, "its mostEvents() fails", e, "return how many events it takes at once");
    }
    return handler;
  }

  @SuppressWarnings("rawtypes")
  private ConfigurationException failed(
      PipelineConfig config,
      BeanDefinition<Handler> bean,
      String what,
      Throwable e,
      String remedy) {
    String reason = StartFailure.reason(e, StartFailure.secrets(beans.getEnvironment()));
    return new ConfigurationException(
        PipelineConfig.PREFIX + config.name(),
        bean.getBeanType().getName(),
        what + ": " + reason + "; " + remedy);
  }
}
