package io.exactlyonce.local

import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.AppenderBase
import org.slf4j.LoggerFactory

import java.util.concurrent.CopyOnWriteArrayList

/**
 * What a logger, and those below it, write from when this is made until it is closed. Any thread may read them meanwhile.
 *
 * Pipelines that another spec has left behind may write too: what is asserted is told apart by a name of the spec's own.
 */
class LogLines implements AutoCloseable {

  private final List<ILoggingEvent> seen = new CopyOnWriteArrayList<>()
  private final Logger logger
  private final AppenderBase<ILoggingEvent> appender = new AppenderBase<ILoggingEvent>() {
    @Override
    protected void append(ILoggingEvent event) {
      event.prepareForDeferredProcessing() // its fields are those of the thread that writes it
      seen << event
    }
  }

  LogLines(Class<?> type) {
    this(type.name)
  }

  LogLines(String name) {
    logger = LoggerFactory.getLogger(name) as Logger
    appender.start()
    logger.addAppender(appender)
  }

  List<ILoggingEvent> events() {
    seen.toList()
  }

  List<String> texts() {
    seen*.formattedMessage
  }

  @Override
  void close() {
    logger.detachAppender(appender)
  }
}
