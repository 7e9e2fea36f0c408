package io.exactlyonce.ops.access;

import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.security.SecurityScheme;

/**
 * OpenAPI description of the HTTP interface: the parts that all endpoints share. Micronaut's
 * annotation processor makes it from the controllers; {@code /console/openapi.yml} serves it.
 */
@OpenAPIDefinition(
    info =
        @Info(
            title = "pipelines",
            version = "1",
            description =
                "Look at the pipelines of the instance that answers, and act on them. Reading needs"
                    + " a token where PIPELINE_VIEW_TOKEN is set; a change needs a token of"
                    + " PIPELINE_ADMIN_TOKEN and Content-Type: application/json, also without a"
                    + " body, and is refused where a web page of another origin sends it. Every"
                    + " refusal has a body with the field \"trouble\", which begins with the field"
                    + " of the request that is wrong, if one is. Paths of the application's own,"
                    + " such as /payments, need no token unless it asks for one."),
    security = @SecurityRequirement(name = "bearer"))
@SecurityScheme(name = "bearer", type = SecuritySchemeType.HTTP, scheme = "bearer")
public final class Api {
  /** Resource that the build makes; its name comes from title and version. */
  public static final String FILE = "/META-INF/swagger/pipelines-1.yml";

  private Api() {}
}
