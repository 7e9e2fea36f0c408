package io.exactlyonce.template;

import java.nio.file.Path;
import java.util.List;

/**
 * Merges this version into a project that was made from an earlier one. Run in the project's
 * folder: {@code mvn -f ../later -Pupgrade}, where {@code ../later} has this version. Exits with 1
 * where conflicts are left, and with 2 where it refuses.
 *
 * <p>Argument: the folder with this version. {@code -Dfrom=} names the commit that the project was
 * made from, where git does not know it.
 */
public final class Upgrade {
  private Upgrade() {}

  public static void main(String[] args) {
    try {
      Upgrading upgrading = new Upgrading(Path.of("").toAbsolutePath(), Path.of(args[0]));
      List<String> conflicts = upgrading.run(System.getProperty("from", ""));
      if (conflicts.isEmpty()) {
        System.out.println("Merged. Look at git status, run mvn verify, and git commit.");
        return;
      }
      System.out.println("Merged but for these files. Edit them, git add them, and git commit:");
      conflicts.forEach(file -> System.out.println("  " + file));
      System.exit(1);
    } catch (Refused e) {
      System.err.println("Nothing was merged: " + e.getMessage() + ".");
      System.exit(2);
    }
  }
}
