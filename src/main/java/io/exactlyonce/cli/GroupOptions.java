package io.exactlyonce.cli;

import io.exactlyonce.config.value.OutputHeaderNames;
import io.exactlyonce.eventid.EventIds;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for the group whose log is read, and for the names of its topics and headers. */
final class GroupOptions {
  @Option(names = "--group", required = true, description = "The pipeline's consumer group.")
  private String group;

  @Option(names = "--receipts", description = "Default: <group>.receipts.")
  private Optional<String> receipts;

  @Option(names = "--dead-letters", description = "Default: <group>.dead-letters.")
  private Optional<String> deadLetters;

  @Mixin private EventIdOption eventId = new EventIdOption();

  @Option(
      names = "--event-id-header",
      paramLabel = "NAME",
      defaultValue = "event-id",
      description = "As headers.event-id; off: outputs have none. Default: ${DEFAULT-VALUE}.")
  private String eventIdHeader;

  @Option(
      names = "--source-position-header",
      paramLabel = "NAME",
      defaultValue = "source-position",
      description =
          "As headers.source-position; off: outputs have none, and are left out. Default:"
              + " ${DEFAULT-VALUE}.")
  private String sourcePositionHeader;

  String group() {
    return group;
  }

  String receipts() {
    return receipts.orElse(group + ".receipts");
  }

  String deadLetters() {
    return deadLetters.orElse(group + ".dead-letters");
  }

  EventIds eventIds() {
    return eventId.eventIds();
  }

  OutputHeaderNames headers() {
    return new OutputHeaderNames(eventIdHeader, sourcePositionHeader);
  }
}
