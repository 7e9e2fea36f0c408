package io.exactlyonce.torture;

/**
 * Topics of a run, and its group.
 *
 * @param group of the pipeline, which has the same name
 * @param left the sink that gets the first output of each event
 * @param right the sink that gets the second
 */
record TortureTopics(String group, String source, String left, String right) {
  static TortureTopics of(String name) {
    return new TortureTopics(name, name + "-in", name + "-left", name + "-right");
  }

  String deadLetters() {
    return group + ".dead-letters";
  }

  String sinks() {
    return left + ", " + right;
  }
}
