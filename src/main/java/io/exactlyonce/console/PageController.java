package io.exactlyonce.console;

import io.exactlyonce.ops.access.Api;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.swagger.v3.oas.annotations.Hidden;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Serves the console's own files, from memory and by a fixed list of names, so no path leads to
 * another file. They contain no data, and need no token.
 */
@Hidden
@Controller("/console")
@Requires(bean = Sampler.class)
final class PageController {
  private static final String INDEX = "index.html";
  private static final String API = "openapi.yml";

  private static final MediaType SCRIPT = new MediaType("text/javascript;charset=utf-8");
  private static final MediaType STYLE = new MediaType("text/css;charset=utf-8");

  private static final Map<String, MediaType> FILES =
      Map.ofEntries(
          Map.entry(INDEX, new MediaType("text/html;charset=utf-8")),
          Map.entry("console.css", STYLE),
          Map.entry("console.js", SCRIPT),
          Map.entry("api.js", SCRIPT),
          Map.entry("dom.js", SCRIPT),
          Map.entry("view.js", SCRIPT),
          Map.entry("charts.js", SCRIPT),
          Map.entry("acts.js", SCRIPT),
          Map.entry("uPlot.iife.min.js", SCRIPT),
          Map.entry("uPlot.min.css", STYLE),
          Map.entry("uPlot.LICENSE.txt", new MediaType("text/plain;charset=utf-8")),
          Map.entry("icon.svg", new MediaType("image/svg+xml")),
          Map.entry(API, new MediaType("application/yaml")));

  private record Content(byte[] bytes, String tag) {}

  private final Map<String, Content> files = new HashMap<>();

  PageController() {
    FILES.keySet().forEach(name -> files.put(name, content(name)));
  }

  private static String path(String name) {
    return name.equals(API) ? Api.FILE : "/console/" + name;
  }

  private static Content content(String name) {
    try (InputStream file = PageController.class.getResourceAsStream(path(name))) {
      byte[] bytes = file.readAllBytes();
      CRC32 sum = new CRC32();
      sum.update(bytes);
      return new Content(bytes, "\"" + HexFormat.of().toHexDigits(sum.getValue()) + "\"");
    } catch (IOException e) {
      throw new UncheckedIOException("the jar's " + path(name) + " cannot be read", e);
    }
  }

  /**
   * Redirects to the path with a slash at its end, which the relative links of the page need, and
   * serves the page there.
   */
  @Get
  HttpResponse<?> redirect(HttpRequest<?> request) {
    return request.getPath().endsWith("/")
        ? file(INDEX, request)
        : HttpResponse.redirect(URI.create("console/"));
  }

  @Get("/{file}")
  HttpResponse<?> file(String file, HttpRequest<?> request) {
    Content content = files.get(file);
    if (content == null) {
      return HttpResponse.notFound();
    }
    if (content.tag.equals(request.getHeaders().get(HttpHeaders.IF_NONE_MATCH))) {
      return HttpResponse.notModified();
    }
    return HttpResponse.ok(content.bytes)
        .contentType(FILES.get(file))
        .header(HttpHeaders.CACHE_CONTROL, "no-cache")
        .header(HttpHeaders.ETAG, content.tag);
  }
}
