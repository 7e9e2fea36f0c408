package io.exactlyonce.doctor;

/**
 * One thing that was looked at.
 *
 * @param pipeline its name; empty for what concerns all of them
 * @param check what was looked at, in one word
 * @param where the setting, topic, id or server
 * @param found its value, or what is so
 * @param remedy what to do, and why; empty where nothing is
 */
public record Finding(
    Level level, String pipeline, String check, String where, String found, String remedy) {

  /** How bad it is, in rising order. */
  public enum Level {
    OK,
    /** It works, but not well, or not for long. */
    WARN,
    /** It could not be looked at. */
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

  /** The same of a pipeline. */
  public Finding of(String name) {
    return new Finding(level, name, check, where, found, remedy);
  }
}
