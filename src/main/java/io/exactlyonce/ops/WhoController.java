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

/** Shows what the token of a request is good for. */
@ApiResponse(
    responseCode = "4XX",
    description = "Refused, and why.",
    content = @Content(schema = @Schema(implementation = Refused.class)))
@Controller("/console/who")
final class WhoController {
  /**
   * What a token is good for.
   *
   * @param who name of the operator whose admin token it is; null where it is none
   * @param viewer whether it allows reading; an admin token does too
   */
  @Serdeable
  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Answer(@Nullable String who, boolean viewer) {}

  /** Shows what the token that is sent is good for. */
  @Get
  Answer who(HttpRequest<?> request) {
    return new Answer(Sender.admin(request).orElse(null), Sender.mayLook(request));
  }
}
