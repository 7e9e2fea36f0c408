package io.exactlyonce.doctor;

/**
 * Result of one check.
 *
 * @param pipeline its name; empty where the check concerns all of them
 * @param check its subject, in one word
 * @param where the setting, topic, id or server
 * @param found its value, or its state
 * @param remedy what to do, and why; empty where nothing is
 */
public record Finding(
    Level level, String pipeline, String check, String where, String found, String remedy) {

  /** How bad a finding is, in rising order. */
  public enum Level {
    OK,
    /** It works, but not well, or not for long. */
    WARN,
    /** It could not be checked. */
    UNKNOWN,
    /** The pipeline cannot work, or its guarantee is in danger. */
    FAIL
  }

  static Finding ok(String check, String where, String found) {
    return new Finding(Level.OK, "", check, where, found, "");
  }

  static Finding warn(String check, String where, String found, String remedy) {
    return new Finding(Level.WARN, "", check, where, found, remedy);
  }

  static Finding fail(String check, String where, String found, String remedy) {
    return new Finding(Level.FAIL, "", check, where, found, remedy);
  }

  static Finding unknown(String check, String where, String found, String remedy) {
    return new Finding(Level.UNKNOWN, "", check, where, found, remedy);
  }

  /**
   * The same finding, of a pipeline.
   *
   * @param name of the pipeline
   */
  public Finding of(String name) {
    return new Finding(level, name, check, where, found, remedy);
  }
}
