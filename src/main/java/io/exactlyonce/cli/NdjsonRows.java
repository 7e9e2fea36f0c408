package io.exactlyonce.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One JSON object a line, sent as it stands. Blank lines are passed over. */
final class NdjsonRows implements Rows {
  private final Frames frames;
  private final JsonFields fields;
  private final Keying keying;

  NdjsonRows(Frames frames, Keying keying) {
    this.frames = frames;
    this.keying = keying;
    this.fields = new JsonFields(keying.fields());
  }

  @Override
  public Optional<Reading> next() throws IOException {
    Optional<Frames.Frame> frame = frames.next();
    while (frame.isPresent()
        && frame.get() instanceof Frames.Text blank
        && blank.text().isBlank()) {
      frame = frames.next();
    }
    if (frame.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        frame.get() instanceof Frames.Text text ? row(text) : (Reading.Bad) frame.get());
  }

  private Reading row(Frames.Text line) throws IOException {
    try {
      String text = line.text().strip();
      return keying.row(line.line(), text.getBytes(StandardCharsets.UTF_8), fields.read(text));
    } catch (BadRow bad) {
      return bad.at(line.line());
    }
  }
}
