package io.exactlyonce.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.LagSeconds;
import io.exactlyonce.lag.OpenTransaction;
import io.exactlyonce.lag.PartitionLag;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/** Lag of a group as a table, and as JSON. */
final class LagText {
  private LagText() {}

  static String table(GroupLag lag, LagThresholds.Level level) {
    StringBuilder text = new StringBuilder();
    if (!lag.partitions().isEmpty()) {
      row(
          text,
          "PARTITION",
          "RECORDS",
          "SECONDS",
          "HELD BACK",
          "PER SECOND",
          "GONE IN",
          "STATE",
          "OWNER");
    }
    for (PartitionLag part : lag.partitions()) {
      Duration gone = part.trend().untilGone();
      row(
          text,
          part.partition().toString(),
          part.records(),
          seconds(part.seconds()),
          part.heldBack(),
          String.format(Locale.ROOT, "%+.1f", part.trend().perSecond()),
          gone == null || part.records() == 0 ? "-" : gone.toSeconds() + "s",
          part.state(),
          owner(part));
    }
    lag.partitions().forEach(part -> notes(text, part));
    if (!lag.isMeasured()) {
      text.append(String.format("CANNOT MEASURE since %s: %s%n", lag.since(), lag.cannotMeasure()));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %d records, %.1f s behind%n",
            level(lag, level),
            lag.records(),
            lag.seconds()));
    return text.toString();
  }

  /**
   * The level as it is shown: unknown where a part was not measured, which may be worse than the
   * rest, unless the level is critical already.
   */
  private static String level(GroupLag lag, LagThresholds.Level level) {
    return lag.isMeasured() || level == LagThresholds.Level.CRITICAL ? level.name() : "UNKNOWN";
  }

  private static void row(StringBuilder text, Object... cells) {
    text.append(String.format("%-40s %10s %9s %9s %10s %9s  %-11s %s%n", cells).stripTrailing())
        .append(System.lineSeparator());
  }

  /** Notes below the table: the open transaction that holds a partition back, and lost records. */
  private static void notes(StringBuilder text, PartitionLag part) {
    OpenTransaction open = part.open();
    if (open != null) {
      boolean isKnown = open.transactionalId() != null && !open.transactionalId().isEmpty();
      String who = isKnown ? open.transactionalId() : "of producer " + open.producerId();
      boolean hangs = open.transactionalId() != null && !isKnown;
      String why =
          hangs ? "; no coordinator shows it: it hangs, or DESCRIBE for it is missing" : "";
      text.append(
          String.format(
              Locale.ROOT,
              "%s: held back by the open transaction %s, %.1f s old%s%n",
              part.partition(),
              who,
              open.ageMillis() / 1000.0,
              why));
    }
    if (part.lost() > 0) {
      text.append(
          String.format(
              "%s: LOST %d records: they were deleted from the log before the group read them; the"
                  + " command accept-loss moves the stopped group past them%n",
              part.partition(), part.lost()));
    }
  }

  /** The age of the oldest record; {@code ~} marks an interpolated one, {@code >} a lower bound. */
  private static String seconds(LagSeconds seconds) {
    String sign =
        switch (seconds.kind()) {
          case EXACT -> "";
          case INTERPOLATED -> "~";
          case AT_LEAST -> ">";
        };
    return sign + String.format(Locale.ROOT, "%.1f", seconds.value());
  }

  private static String owner(PartitionLag part) {
    return part.owner() == null ? "(rebalancing)" : part.owner().isEmpty() ? "-" : part.owner();
  }

  /** One JSON object on one line. */
  static String json(GroupLag lag, LagThresholds.Level level) {
    return JsonLine.of(json -> write(json, lag, level));
  }

  private static void write(JsonGenerator json, GroupLag lag, LagThresholds.Level level)
      throws IOException {
    json.writeStringField("group", lag.group());
    json.writeStringField("at", lag.at().toString());
    json.writeStringField("level", level(lag, level));
    json.writeNumberField("records", lag.records());
    json.writeNumberField("seconds", lag.seconds());
    json.writeNumberField("held_back", lag.heldBack());
    json.writeNumberField("lost", lag.lost());
    json.writeStringField("cannot_measure", lag.cannotMeasure());
    json.writeStringField("since", lag.since() == null ? null : lag.since().toString());
    JsonLine.objects(json, "partitions", lag.partitions(), LagText::partition);
  }

  private static void partition(JsonGenerator json, PartitionLag part) throws IOException {
    Duration gone = part.trend().untilGone();
    json.writeStringField("partition", part.partition().toString());
    json.writeStringField("state", part.state().name());
    json.writeStringField("owner", part.owner());
    json.writeNumberField("records", part.records());
    json.writeNumberField("seconds", part.seconds().value());
    json.writeStringField("seconds_are", part.seconds().kind().name());
    json.writeNumberField("per_second", part.trend().perSecond());
    if (gone != null) {
      json.writeNumberField("gone_in_seconds", gone.toMillis() / 1000.0);
    }
    json.writeNumberField("held_back", part.heldBack());
    json.writeNumberField("lost", part.lost());
    if (part.open() != null) {
      json.writeStringField("transactional_id", part.open().transactionalId());
      json.writeNumberField("producer_id", part.open().producerId());
      json.writeNumberField("transaction_seconds", part.open().ageMillis() / 1000.0);
    }
  }
}
