package io.exactlyonce.torture;

/**
 * What a run's records go through.
 *
 * @param group of the pipeline, whose name it is too
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
