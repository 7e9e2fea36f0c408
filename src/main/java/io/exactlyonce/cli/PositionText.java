package io.exactlyonce.cli;

import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.deadletter.RecordPosition;

/** Positions of records in options: {@code orders-3@17}. */
final class PositionText {
  private PositionText() {}

  /**
   * @param option name of the option, for the message
   * @throws CommandFailure where the text is no position
   */
  static RecordPosition parse(String option, String text) throws CommandFailure {
    RecordPosition position = RecordPosition.parse(text.strip());
    if (position == null) {
      throw new CommandFailure(option + " " + text + " is no position; write orders-3@17");
    }
    return position;
  }
}
