package io.exactlyonce.engine.spi;

import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Tracing that is off, with its span and scope, in one object that does nothing. */
enum NoTracing implements Tracing, RecordSpan, RecordSpan.Scope {
  INSTANCE;

  @Override
  public boolean isOn() {
    return false;
  }

  @Override
  public RecordSpan begin(
      ConsumerRecord<byte[], byte[]> record, @Nullable String eventId, int attempts) {
    return this;
  }

  @Override
  public <T> Callable<T> carried(Callable<T> call) {
    return call;
  }

  @Override
  public Scope enter() {
    return this;
  }

  @Override
  public void continueIn(Headers headers) {
    // no trace
  }

  @Override
  public void threw(Throwable thrown, int attempt) {
    // no span
  }

  @Override
  public void refused(String reason) {
    // no span
  }

  @Override
  public void handled(String outcome) {
    // no span
  }

  @Override
  public void sentAgain() {
    // no span
  }

  @Override
  public void end(boolean committed) {
    // no span
  }

  @Override
  public void close() {
    // nothing was entered
  }
}
