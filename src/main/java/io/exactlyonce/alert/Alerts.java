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
 * The alerts of one pipeline as this instance sees them. Each check takes them one step further;
 * what an operator has to be told is returned once. One thread calls {@link #check}, any may ask
 * for {@link #raised}.
 */
public final class Alerts {
  private static final class Standing {
    AlertState state = AlertState.QUIET;
    String reason = "";
    Instant since = Instant.MIN;
    Instant told = Instant.MIN;
  }

  private final String pipeline;
  private final String instance;
  private final PipelineConfig.Alerts limits;
  private final Conditions conditions;
  private final Map<AlertKind, Standing> standing = new EnumMap<>(AlertKind.class);
  private volatile List<AlertMessage> raised = List.of();

  /**
   * @param instance which process speaks
   */
  public Alerts(String pipeline, String instance, PipelineConfig.Alerts limits) {
    this.pipeline = pipeline;
    this.instance = instance;
    this.limits = limits;
    this.conditions = new Conditions(limits);
    for (AlertKind kind : AlertKind.values()) {
      standing.put(kind, new Standing());
    }
  }

  /** What has to be said after this check: alerts that came, are still there, or are gone. */
  public List<AlertMessage> check(Reading reading) {
    List<AlertMessage> toSay = new ArrayList<>();
    List<AlertMessage> now = new ArrayList<>();
    conditions
        .of(reading)
        .forEach(
            (kind, condition) -> {
              Standing of = requireNonNull(standing.get(kind));
              boolean was = of.state.isRaised();
              of.state = of.state.next(condition.found());
              if (condition.found() == AlertState.Found.OVER) {
                of.reason = condition.reason();
              }
              say(kind, of, was, reading.at(), toSay);
              if (of.state.isRaised()) {
                now.add(message(Event.RAISED, kind, of, reading.at()));
              }
            });
    raised = List.copyOf(now);
    return toSay;
  }

  private void say(
      AlertKind kind, Standing of, boolean was, Instant now, List<AlertMessage> toSay) {
    if (!was && of.state.isRaised()) {
      of.since = now;
      of.told = now;
      toSay.add(message(Event.RAISED, kind, of, now));
    } else if (was && !of.state.isRaised()) {
      toSay.add(message(Event.RESOLVED, kind, of, now));
    } else if (of.state.isRaised() && !now.isBefore(of.told.plus(limits.remindAfter()))) {
      of.told = now;
      toSay.add(message(Event.REMINDER, kind, of, now));
    }
  }

  private AlertMessage message(Event event, AlertKind kind, Standing of, Instant now) {
    return new AlertMessage(event, kind, pipeline, instance, of.reason, of.since, now);
  }

  /** Those that are raised now. */
  public List<AlertMessage> raised() {
    return raised;
  }
}
