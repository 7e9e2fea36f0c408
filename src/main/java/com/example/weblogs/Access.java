package com.example.weblogs;

import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/**
 * One request to a web server.
 *
 * @param host of the client; also the record's key
 * @param user null where nobody was logged in
 * @param time in UTC, as in ISO 8601
 * @param bytes of the response's body
 */
@Serdeable
public record Access(
    String host,
    @Nullable String user,
    String time,
    String method,
    String path,
    String protocol,
    int status,
    long bytes) {}
