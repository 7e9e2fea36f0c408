package io.exactlyonce.ops;

import io.exactlyonce.alert.AlertMessage;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/** An alert that is raised. */
@Serdeable
record AlertView(String alert, String severity, String reason, String remedy, Instant since) {
  static AlertView of(AlertMessage message) {
    return new AlertView(
        message.kind().title(),
        message.kind().severity().text(),
        message.reason(),
        message.kind().remedy(),
        message.since());
  }
}
