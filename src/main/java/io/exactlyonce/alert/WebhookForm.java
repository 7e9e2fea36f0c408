package io.exactlyonce.alert;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Forms of the JSON that a webhook's receiver reads. */
public enum WebhookForm {
  /** Each part of the message in a field of its own. */
  JSON {
    @Override
    public Map<String, Object> fields(AlertMessage message) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("event", message.event().name().toLowerCase(Locale.ROOT));
      fields.put("alert", message.kind().title());
      fields.put("severity", message.kind().severity().text());
      fields.put("pipeline", message.pipeline());
      fields.put("instance", message.instance());
      fields.put("reason", message.reason());
      fields.put("remedy", message.kind().remedy());
      fields.put("since", message.since().toString());
      fields.put("at", message.at().toString());
      fields.put("text", message.text());
      return fields;
    }
  },
  /** The form of Slack's incoming webhooks, and of others that take the same. */
  SLACK {
    @Override
    public Map<String, Object> fields(AlertMessage message) {
      // Slack's markup uses these three characters.
      return Map.of(
          "text", message.text().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
    }
  };

  /** The message's fields, to be written as one JSON object. */
  public abstract Map<String, Object> fields(AlertMessage message);
}
