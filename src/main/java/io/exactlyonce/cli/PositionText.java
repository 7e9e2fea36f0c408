package io.exactlyonce.cli;

import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.deadletter.RecordPosition;

/** A record's position as options take it: {@code orders-3@17}. */
final class PositionText {
  private PositionText() {}

  /**
   * @param option names it where the text is no position
   */
  static RecordPosition parse(String option, String text) throws CommandFailure {
    RecordPosition position = RecordPosition.parse(text.strip());
    if (position == null) {
      throw new CommandFailure(option + " " + text + " is no position; write orders-3@17");
    }
    return position;
  }
}
