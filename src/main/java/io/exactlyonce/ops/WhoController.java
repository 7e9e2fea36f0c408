package io.exactlyonce.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.exactlyonce.ops.access.Refused;
import io.exactlyonce.ops.access.Sender;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.jspecify.annotations.Nullable;

/** Tells whoever asks what their token is good for. */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/console/who")
final class WhoController {
  /**
   * What a token is good for.
   *
   * @param who the name of whoever may act with it; null where it is no such token
   * @param viewer whether it is one to look with
   */
  @Serdeable
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Answer(@Nullable String who, boolean viewer) {}

  /** What the token that is sent is good for. */
  @Get
  Answer who(HttpRequest<?> request) {
    return new Answer(Sender.admin(request).orElse(null), Sender.mayLook(request));
  }
}
