package com.example.weblogs;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import jakarta.inject.Singleton;

/** Turns a web server's log line into JSON, keyed by host. Other lines become dead letters. */
@Singleton
@ForPipeline("weblogs")
public class WeblogHandler implements Handler<String> {
  @Override
  public Outcome handle(Event<String> event) {
    try {
      Access access = CommonLogLine.parse(event.value());
      return Outcome.emit(Output.to("accesses", access.host(), access));
    } catch (CommonLogLine.BadLineException e) {
      return Outcome.deadLetter("log line refused: " + e.getMessage());
    }
  }
}
