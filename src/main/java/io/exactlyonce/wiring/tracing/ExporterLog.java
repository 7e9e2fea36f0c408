package io.exactlyonce.wiring.tracing;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * Handler that passes OpenTelemetry's messages from {@code java.util.logging} to the application's
 * log, one line each, without stack traces. The exporter itself limits messages about a collector
 * that does not answer to five, and then one a minute.
 */
final class ExporterLog extends Handler {
  /**
   * In a field, since a logger that is not referenced may be collected as garbage, with its
   * handlers.
   */
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
