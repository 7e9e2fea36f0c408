package io.exactlyonce.cli.load;

import java.util.Locale;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;

/** Messages on how a load ended. */
final class LoadReport {
  private static final String AGAIN =
      "run again with the same ids: the guard drops what was already loaded";

  private final String file;
  private final String topic;
  private final String ids;
  private final LoadCounts counts;

  LoadReport(String file, String topic, String ids, LoadCounts counts) {
    this.file = file;
    this.topic = topic;
    this.ids = ids;
    this.counts = counts;
  }

  /** Summary of the load, the only line on standard output. */
  String summary(double seconds) {
    String bad = counts.bad().get() == 0 ? "" : ", " + counts.bad() + " bad lines not sent";
    return String.format(
        Locale.ROOT,
        "%s -> %s: %d rows read, %d records sent, %d duplicates sent%s, %.1f s, %.0f records/s;"
            + " event ids: %s",
        file,
        topic,
        counts.rows().get(),
        counts.sent().get(),
        counts.duplicates().get(),
        bad,
        seconds,
        counts.acknowledged() / Math.max(seconds, 0.001),
        ids);
  }

  String bad(RowReader.Bad line) {
    return file + ": " + line;
  }

  String stoppedAt(RowReader.Bad line) {
    return file
        + ": stopped at line "
        + line.line()
        + ": "
        + counts.sent()
        + " records before it were sent; fix the line and "
        + AGAIN
        + " (or give --on-error skip)";
  }

  String unreadable(long line, Exception cause) {
    return file
        + ": cannot be read beyond line "
        + line
        + " ("
        + cause
        + "); is the file complete? "
        + counts.sent()
        + " records before it were sent; mend the file and "
        + AGAIN;
  }

  String refused(Sender.Failure failure) {
    return file
        + ": line "
        + failure.row().line()
        + " (event id "
        + failure.row().id()
        + ") was not taken by the broker: "
        + failure.cause().getMessage()
        + "; "
        + remedy(failure.cause())
        + "; stopped, "
        + counts.sent()
        + " records were acknowledged; then "
        + AGAIN;
  }

  private String remedy(Exception cause) {
    if (cause instanceof RecordTooLargeException) {
      return "raise max.request.size in --config and max.message.bytes of topic " + topic;
    }
    if (cause instanceof AuthorizationException) {
      return "give the principal the right to write to topic " + topic;
    }
    if (cause instanceof TimeoutException) {
      return "check that the brokers run and that their advertised listeners can be reached";
    }
    return "see to the cause";
  }
}
