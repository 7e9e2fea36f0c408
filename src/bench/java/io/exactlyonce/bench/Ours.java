package io.exactlyonce.bench;

import io.exactlyonce.engine.spi.InputCodec;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.exactlyonce.wiring.TestPipeline;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** This project's pipeline, with the settings it has by itself unless the terms say otherwise. */
public final class Ours {
  /** Terms that are settings of the pipeline under the same name. */
  private static final String SETTING = "pipeline.";

  private Ours() {}

  public static void main(String[] args) throws InterruptedException {
    Terms terms = Terms.parse(args);
    Work work = new Work(terms);
    String sink = terms.sink();
    Map<String, String> settings = new HashMap<>();
    settings.put("source", terms.source());
    settings.put("sinks", sink);
    settings.put("concurrency", Integer.toString(terms.concurrency()));
    terms
        .values()
        .forEach(
            (key, value) -> {
              if (key.startsWith(SETTING)) {
                settings.put(key.substring(SETTING.length()), value);
              }
            });
    Handler<byte[]> handler =
        event -> Outcome.emit(Output.to(sink, event.key(), work.transform(event.value())));
    InputCodec<byte[]> bytes = record -> record.value();
    TestPipeline.start(terms.group(), settings, handler, bytes, terms.servers(), terms.redis());
    new CountDownLatch(1).await();
  }
}
