package io.exactlyonce.deadletter;

import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a dead letter that are shown over the network: printable, bounded in size, and
 * nothing of the record's value or key.
 *
 * @param id the event id, where a header of the record holds it; else null
 * @param source where the record stood; null where this is no dead letter
 * @param reason null where the letter does not say
 * @param exception class name of what was thrown
 * @param message null also where a decoder or a serializer threw: it may quote the value
 * @param stack without messages where a decoder or a serializer threw
 * @param cut what of the record the letter lacks; null where nothing
 */
public record SeenLetter(
    RecordPosition at,
    Instant time,
    @Nullable String id,
    @Nullable RecordPosition source,
    @Nullable String reason,
    @Nullable String exception,
    @Nullable String message,
    @Nullable String stack,
    @Nullable String cut) {

  private static final int MAX_NAME = 300;

  /** A stack trace's line with a frame, or with the count of frames left out. */
  private static final Pattern FRAME =
      Pattern.compile("\\t+(at [\\w.$/<>@-]+\\([\\w.$: ]*\\)|\\.\\.\\. \\d+ more)");

  /** A stack trace's line with an exception; the group is its class, without the message. */
  private static final Pattern THROWN =
      Pattern.compile("(\\t*(?:Caused by|Suppressed): [\\w.$]+)(?:: .*)?");

  /**
   * @param id the event id, where a header of the record holds it; else null
   */
  public static SeenLetter of(Letter letter, @Nullable String id) {
    boolean isHandlers = letter.isThrownByHandler();
    return new SeenLetter(
        letter.at(),
        letter.time(),
        line(id, MAX_NAME),
        letter.source(),
        line(letter.reason(), DeadLetters.MAX_MESSAGE),
        line(letter.exception(), MAX_NAME),
        isHandlers ? line(letter.message(), DeadLetters.MAX_MESSAGE) : null,
        stack(letter, isHandlers),
        line(letter.cut(), MAX_NAME));
  }

  private static @Nullable String stack(Letter letter, boolean withMessages) {
    if (letter.stack() == null) {
      return null;
    }
    String stack = DeadLetters.cut(letter.stack(), DeadLetters.MAX_STACK);
    return withMessages
        ? stack.lines().map(Printable::of).collect(Collectors.joining("\n"))
        : letter.exception() + "\n" + withoutMessages(stack);
  }

  private static String withoutMessages(String stack) {
    return stack
        .lines()
        .map(
            line -> {
              Matcher thrown = THROWN.matcher(line);
              return FRAME.matcher(line).matches() ? line : thrown.matches() ? thrown.group(1) : "";
            })
        .filter(line -> !line.isEmpty())
        .map(Printable::of)
        .collect(Collectors.joining("\n"));
  }

  private static @Nullable String line(@Nullable String text, int most) {
    return text == null ? null : Printable.of(DeadLetters.cut(text, most));
  }
}
