package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** The application as a process. */
public final class Server {
  private static final int WRONG_CONFIGURATION = 2;

  private Server() {}

  /**
   * Runs until the JVM is asked to end, or until a pipeline finds that it cannot run as configured.
   *
   * @param complain takes the one line that says what is wrong
   * @return the exit status
   */
  public static int run(Consumer<String> complain) {
    try (ApplicationContext context =
        ApplicationContext.builder().deduceEnvironment(false).start()) {
      Thread stop = new Thread(context::stop, "stop");
      Runtime.getRuntime().addShutdownHook(stop);
      EmbeddedServer server = context.getBean(EmbeddedServer.class).start();
      System.out.println(
          "Serving at " + server.getURL() + " (health: /health, pipelines: /pipelines)");
      context.getBean(Pipelines.class).end().get();
      return 0;
    } catch (ExecutionException e) {
      return refuse(e, complain);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (RuntimeException e) {
      return refuse(e, complain);
    }
  }

  private static int refuse(Exception thrown, Consumer<String> complain) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConfigurationException wrong) {
        complain.accept(wrong.getMessage());
        return WRONG_CONFIGURATION;
      }
    }
    if (thrown instanceof RuntimeException unexpected) {
      throw unexpected;
    }
    throw new IllegalStateException(thrown.getCause());
  }
}
