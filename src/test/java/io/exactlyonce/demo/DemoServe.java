package io.exactlyonce.demo;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.exactlyonce.wiring.Server;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.RuntimeBeanDefinition;
import io.micronaut.inject.annotation.MutableAnnotationMetadata;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The application with another pipeline, {@code deliveries}, which delivers the notifications of
 * large payments. Its handler fails for good at one of them, so that there is a stopped record to
 * decide about.
 */
final class DemoServe {
  private static final String PIPELINE = "deliveries";
  private static final int FAILS_AT = 5;

  private DemoServe() {}

  public static void main(String[] args) {
    System.exit(
        Server.run(
            System.err::println, ApplicationContext.builder().beanDefinitions(deliveries())));
  }

  /** The configuration of the pipeline, as options of the JVM. */
  static List<String> options() {
    return List.of(
        "-Dpipelines.deliveries.source=notifications",
        "-Dpipelines.deliveries.sinks=deliveries",
        "-Dpipelines.deliveries.retry.on-exhausted=stop",
        "-Dpipelines.deliveries.retry.attempts=2");
  }

  private static RuntimeBeanDefinition<Deliveries> deliveries() {
    MutableAnnotationMetadata metadata = new MutableAnnotationMetadata();
    metadata.addDeclaredAnnotation(ForPipeline.class.getName(), Map.of("value", PIPELINE));
    return RuntimeBeanDefinition.builder(Deliveries.class, Deliveries::new)
        .singleton(true)
        .annotationMetadata(metadata)
        .build();
  }

  /** Handler that fails at the fifth record that it was called for, at each call for it. */
  static final class Deliveries implements Handler<byte[]> {
    private final AtomicInteger seen = new AtomicInteger();
    private volatile String failing = "";

    @Override
    public Outcome handle(Event<byte[]> event) {
      if (seen.incrementAndGet() == FAILS_AT) {
        failing = event.id();
      }
      if (event.id().equals(failing)) {
        throw new IllegalStateException("the mail server refuses the address");
      }
      return Outcome.emit(Output.to("deliveries", event.key(), event.value()));
    }
  }
}
