package io.exactlyonce.wiring.tracing;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * Takes what OpenTelemetry says to {@code java.util.logging} into the log of the application, a
 * line each, without stacks. The exporter itself sees to it that a collector that is away is told
 * of five times and then once a minute.
 */
final class ExporterLog extends Handler {
  /** Kept, since a logger that nobody refers to is forgotten together with its handlers. */
  private final Logger source = Logger.getLogger("io.opentelemetry");

  private final SimpleFormatter text = new SimpleFormatter();
  private final boolean usedParents = source.getUseParentHandlers();

  ExporterLog() {
    source.setUseParentHandlers(false);
    source.addHandler(this);
  }

  @Override
  public void publish(LogRecord said) {
    if (said.getLevel().intValue() < Level.INFO.intValue()) {
      return;
    }
    org.slf4j.Logger log = LoggerFactory.getLogger(String.valueOf(said.getLoggerName()));
    String line = text.formatMessage(said);
    if (said.getThrown() != null) {
      line += ": " + said.getThrown();
    }
    if (said.getLevel().intValue() >= Level.WARNING.intValue()) {
      log.warn(line);
    } else {
      log.info(line);
    }
  }

  @Override
  public void flush() {
    // each line is passed on at once
  }

  @Override
  public void close() {
    source.removeHandler(this);
    source.setUseParentHandlers(usedParents);
  }
}
