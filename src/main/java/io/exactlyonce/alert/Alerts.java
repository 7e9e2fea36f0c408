package io.exactlyonce.alert;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.alert.AlertMessage.Event;
import io.exactlyonce.config.PipelineConfig;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The alerts of one pipeline as this instance sees them. Each check moves their states on, and
 * returns the messages that are due. One thread calls {@link #check}, any may call {@link #raised}.
 */
public final class Alerts {
  /** Present state of one kind of alert. */
  private static final class Alert {
    AlertState state = AlertState.QUIET;
    String reason = "";
    Instant since = Instant.MIN;
    Instant told = Instant.MIN;
  }

  private final String pipeline;
  private final String instance;
  private final PipelineConfig.Alerts limits;
  private final Conditions conditions;
  private final Map<AlertKind, Alert> alerts = new EnumMap<>(AlertKind.class);
  private volatile List<AlertMessage> raised = List.of();

  /**
   * @param instance name of this process, for messages
   */
  public Alerts(String pipeline, String instance, PipelineConfig.Alerts limits) {
    this.pipeline = pipeline;
    this.instance = instance;
    this.limits = limits;
    this.conditions = new Conditions(limits);
    for (AlertKind kind : AlertKind.values()) {
      alerts.put(kind, new Alert());
    }
  }

  /**
   * The messages that are due after this check, of alerts that were raised, are still raised, or
   * are resolved.
   */
  public List<AlertMessage> check(Reading reading) {
    List<AlertMessage> toSay = new ArrayList<>();
    List<AlertMessage> now = new ArrayList<>();
    conditions
        .of(reading)
        .forEach(
            (kind, condition) -> {
              Alert alert = requireNonNull(alerts.get(kind));
              boolean was = alert.state.isRaised();
              alert.state = alert.state.next(condition.found());
              if (condition.found() == AlertState.Found.OVER) {
                alert.reason = condition.reason();
              }
              say(kind, alert, was, reading.at(), toSay);
              if (alert.state.isRaised()) {
                now.add(message(Event.RAISED, kind, alert, reading.at()));
              }
            });
    raised = List.copyOf(now);
    return toSay;
  }

  private void say(
      AlertKind kind, Alert alert, boolean was, Instant now, List<AlertMessage> toSay) {
    if (!was && alert.state.isRaised()) {
      alert.since = now;
      alert.told = now;
      toSay.add(message(Event.RAISED, kind, alert, now));
    } else if (was && !alert.state.isRaised()) {
      toSay.add(message(Event.RESOLVED, kind, alert, now));
    } else if (alert.state.isRaised() && !now.isBefore(alert.told.plus(limits.remindAfter()))) {
      alert.told = now;
      toSay.add(message(Event.REMINDER, kind, alert, now));
    }
  }

  private AlertMessage message(Event event, AlertKind kind, Alert alert, Instant now) {
    return new AlertMessage(event, kind, pipeline, instance, alert.reason, alert.since, now);
  }

  /** The alerts that are raised, as of the last check. */
  public List<AlertMessage> raised() {
    return raised;
  }
}
