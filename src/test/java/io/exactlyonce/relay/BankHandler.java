package io.exactlyonce.relay;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.micronaut.context.annotation.Value;
import jakarta.inject.Singleton;

/** Handler that cannot be made: its constructor throws, as where a service does not answer. */
@Singleton
@ForPipeline("bank")
public class BankHandler implements Handler<String> {
  public BankHandler(@Value("${bank.url}") String url) {
    throw new IllegalStateException("no answer from " + url + "\nwithin 1 s");
  }

  @Override
  public Outcome handle(Event<String> event) {
    return Outcome.skip("never");
  }
}
