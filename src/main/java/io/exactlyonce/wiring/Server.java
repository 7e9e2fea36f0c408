package io.exactlyonce.wiring;

import io.micronaut.context.ApplicationContext;
import io.micronaut.context.ApplicationContextBuilder;
import io.micronaut.context.env.Environment;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Runs the application as a process, or checks its configuration. */
public final class Server {
  private static final int WRONG_CONFIGURATION = 2;

  private Server() {}

  /**
   * Runs until the JVM is asked to end, or until a pipeline finds that it cannot run as configured.
   *
   * <p>The caller ends the JVM by {@link System#exit} with what is returned.
   *
   * @param complain receives the one line that says what is wrong
   * @return the exit status: 0, or 2 where the configuration is wrong
   */
  public static int run(Consumer<String> complain) {
    return run(complain, ApplicationContext.builder());
  }

  /**
   * Runs, as {@link #run(Consumer)} does, an application that is put together otherwise: with beans
   * of its own, for instance.
   *
   * @param builder makes the application
   */
  public static int run(Consumer<String> complain, ApplicationContextBuilder builder) {
    // Not closed here: whatever ends the process, the shutdown hook stops all beans within a bound.
    ApplicationContext context = builder.deduceEnvironment(false).build();
    try {
      Preflight.check(context);
      Preflight.checkServer(context);
      context.start();
      BoundedStop stop = new BoundedStop(context.getBean(Pipelines.class), context);
      Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop"));
      EmbeddedServer server = context.getBean(EmbeddedServer.class).start();
      System.out.println(
          "Serving at " + server.getURL() + " (health: /health, pipelines: /pipelines)");
      context.getBean(Pipelines.class).end().get();
      return 0;
    } catch (ExecutionException e) {
      return refuse(e, context.getEnvironment(), complain);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (RuntimeException e) {
      return refuse(e, context.getEnvironment(), complain);
    }
  }

  /**
   * Checks the configuration as {@link #run} does, and starts nothing.
   *
   * @param print receives a line for each key: its value, and the source of it
   * @param complain receives the one line that says what is wrong
   * @return the exit status: 0, or 2 where the configuration is wrong
   */
  public static int check(Consumer<String> print, Consumer<String> complain) {
    try (ApplicationContext context = NothingStarted.context(Map.of())) {
      try {
        Map<String, Object> kafka = Preflight.settings(context);
        Preflight.checkServer(context);
        new EffectiveSettings(context.getEnvironment()).lines(kafka).forEach(print);
        return 0;
      } catch (RuntimeException e) {
        return refuse(e, context.getEnvironment(), complain);
      }
    }
  }

  private static int refuse(Exception thrown, Environment environment, Consumer<String> complain) {
    Optional<String> why = StartFailure.explain(thrown, environment);
    if (why.isPresent()) {
      complain.accept(why.get());
      return WRONG_CONFIGURATION;
    }
    if (thrown instanceof RuntimeException unexpected) {
      throw unexpected;
    }
    throw new IllegalStateException(thrown.getCause());
  }
}
