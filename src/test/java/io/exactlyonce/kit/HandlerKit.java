package io.exactlyonce.kit;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * Unit tests of a handler without a pipeline: given an event, expect its outcome.
 *
 * <p>Each event is handled twice, as a pipeline does after an abort. A handler whose second outcome
 * differs fails the test, rather than production later. Values are written as JSON once, so that a
 * value without a serializer is found too.
 *
 * @param sinks topics that outputs may go to; empty: any
 */
public record HandlerKit<I>(Handler<I> handler, KitJson json, Set<String> sinks) {

  /** A kit with Micronaut's JSON. */
  public static <I> HandlerKit<I> of(Handler<I> handler, String... sinks) {
    return of(handler, MicronautKit.json(), sinks);
  }

  public static <I> HandlerKit<I> of(Handler<I> handler, KitJson json, String... sinks) {
    return new HandlerKit<>(handler, json, Set.of(sinks));
  }

  /** Outcome of a handler. */
  public record Decided(Outcome outcome) {

    /** The values of the outputs to the topic, in their order. */
    public List<Object> outputs(String topic) {
      return records(topic).stream().map(Output::value).toList();
    }

    /** The outputs to the topic, with keys and headers. */
    public List<Output> records(String topic) {
      return outcome instanceof Outcome.Emit emit
          ? emit.outputs().stream().filter(output -> output.topic().equals(topic)).toList()
          : List.of();
    }

    /** Reason of the dead letter; null where the outcome is another one. */
    public String deadLetter() {
      return outcome instanceof Outcome.DeadLetter letter ? letter.reason() : null;
    }

    /** Reason of the skip; null where the outcome is another one. */
    public String skip() {
      return outcome instanceof Outcome.Skip skip ? skip.reason() : null;
    }
  }

  public Decided given(String id, String key, I value) throws Exception {
    return given(Event.of(id, key, value));
  }

  /** Handles an event whose value is read from JSON, as a producer would have written it. */
  public Decided givenJson(String id, String key, Class<I> type, String json) throws Exception {
    return given(id, key, this.json.read(json.getBytes(StandardCharsets.UTF_8), type));
  }

  public Decided given(Event<I> event) throws Exception {
    Outcome first = handler.handle(event);
    Outcome again = handler.handle(event);
    String expected = written(first);
    String found = written(again);
    if (!found.equals(expected)) {
      throw new AssertionError(
          "the handler's second run for the same event had another outcome; it must depend on the"
              + " event alone, or on what event.effects() keeps:\n"
              + expected
              + "\n"
              + found);
    }
    return new Decided(first);
  }

  private String written(Outcome outcome) {
    if (!(outcome instanceof Outcome.Emit emit)) {
      return String.valueOf(outcome);
    }
    StringBuilder text = new StringBuilder();
    for (Output output : emit.outputs()) {
      if (!sinks.isEmpty() && !sinks.contains(output.topic())) {
        throw new AssertionError(
            "output to " + output.topic() + ", which is not a sink: name it in the configuration");
      }
      text.append(output.topic()).append(' ').append(written(output, output.key())).append(' ');
      text.append(written(output, output.value())).append('\n');
    }
    return text.toString();
  }

  private String written(Output output, Object object) {
    if (object == null || object instanceof String) {
      return String.valueOf(object);
    }
    try {
      byte[] bytes = object instanceof byte[] raw ? raw : json.write(object);
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(
          "output to " + output.topic() + " cannot be written as JSON: " + e.getMessage(), e);
    }
  }
}
