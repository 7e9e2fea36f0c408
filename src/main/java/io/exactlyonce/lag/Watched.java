package io.exactlyonce.lag;

import java.util.Set;

/**
 * A group whose lag is measured.
 *
 * @param pipeline its name, for messages and metrics
 * @param topics that it reads, those without an offset included
 */
public record Watched(String pipeline, String group, Set<String> topics) {}
