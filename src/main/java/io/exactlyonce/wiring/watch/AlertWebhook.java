package io.exactlyonce.wiring.watch;

import io.exactlyonce.alert.AlertMessage;
import io.exactlyonce.alert.Webhook;
import io.exactlyonce.alert.WebhookForm;
import io.exactlyonce.config.ConfigurationException;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Property;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of the webhook that alerts are posted to: its address by {@code
 * PIPELINE_ALERT_WEBHOOK}, in the environment since it is a secret, and the form of the messages,
 * {@code json} or {@code slack}, by {@code PIPELINE_ALERT_FORM}. Made when the application is put
 * together, so that a wrong one ends the start.
 */
@Context
public final class AlertWebhook {
  static final String VARIABLE = "PIPELINE_ALERT_WEBHOOK";
  static final String FORM = "PIPELINE_ALERT_FORM";

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

  private final JsonMapper json;
  private final Optional<URI> address;
  private final WebhookForm form;

  /**
   * @param address null or blank: nothing is posted
   * @param form null or blank: {@code json}
   * @throws ConfigurationException where one of them cannot be used; it does not show the address
   */
  AlertWebhook(
      JsonMapper json,
      @Nullable @Property(name = "pipeline.alert.webhook") String address,
      @Nullable @Property(name = "pipeline.alert.form") String form) {
    this.json = json;
    this.address =
        address == null || address.isBlank() ? Optional.empty() : Optional.of(parsed(address));
    this.form = form == null || form.isBlank() ? WebhookForm.JSON : named(form.trim());
  }

  private static URI parsed(String address) {
    try {
      URI uri = new URI(address.trim());
      if (uri.getHost() != null && Set.of("http", "https").contains(uri.getScheme())) {
        return uri;
      }
    } catch (URISyntaxException e) { // its message would quote the address
    }
    throw new ConfigurationException(
        VARIABLE,
        "(not shown)",
        "is no address such as https://host/path; correct it, or leave it out to post nothing");
  }

  private static WebhookForm named(String form) {
    return Arrays.stream(WebhookForm.values())
        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(form))
        .findFirst()
        .orElseThrow(() -> new ConfigurationException(FORM, form, "is none of: json, slack"));
  }

  /** Makes the webhook, which the caller closes; empty where no address is set. */
  public Optional<Webhook> open() {
    return address.map(uri -> new Webhook(uri, this::body, FIRST_WAIT));
  }

  private String body(AlertMessage message) {
    try {
      return json.writeValueAsString(form.fields(message));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
