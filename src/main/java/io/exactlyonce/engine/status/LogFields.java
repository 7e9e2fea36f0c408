package io.exactlyonce.engine.status;

import java.util.Map;
import org.slf4j.MDC;

/**
 * The fields that every log line of a thread has, as SLF4J's MDC: {@code pipeline} and {@code
 * worker}. They are set once, when the thread begins, and by a thread of several pipelines each
 * time that it turns to one; a line that is about one record names it by the key {@link #POSITION}
 * besides.
 */
public final class LogFields {
  /** Key of a record's position, as {@code payments-3@17}. */
  public static final String POSITION = "position";

  private LogFields() {}

  /**
   * The task with the fields of a pipeline's thread. When it ends, the thread has none.
   *
   * @param worker the worker's id; empty where the thread serves all of them
   */
  public static Runnable of(String pipeline, String worker, Runnable task) {
    return with(
        worker.isEmpty()
            ? Map.of("pipeline", pipeline)
            : Map.of("pipeline", pipeline, "worker", worker),
        task);
  }

  /** The task, for another thread, with the fields of the thread that calls this. */
  public static Runnable inherited(Runnable task) {
    Map<String, String> fields = MDC.getCopyOfContextMap();
    return fields == null ? task : with(fields, task);
  }

  private static Runnable with(Map<String, String> fields, Runnable task) {
    return () -> {
      MDC.setContextMap(fields);
      try {
        task.run();
      } finally {
        MDC.clear(); // the thread may be one of a pool
      }
    };
  }
}
