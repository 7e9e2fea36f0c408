package io.exactlyonce.template;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Gives a clone the user's names: {@code mvn -Prename -Dgroup=com.acme -Dartifact=flight-delays
 * -Dpackage=com.acme.flights [-Dsamples=keep|remove]}. Exits with 2 where it refuses.
 */
public final class Rename {

  private Rename() {}

  public static void main(String[] args) {
    try {
      Names wanted = new Names(need("group"), need("artifact"), need("package"));
      Samples samples = Samples.of(given("samples").orElse("keep"));
      int files = new Renaming(new SourceTree(Path.of("").toAbsolutePath()), wanted).run(samples);
      System.out.println(
          files == 0
              ? "The project has these names already; nothing was changed."
              : files
                  + " files were written or removed. Look at git status, run mvn verify, commit.");
    } catch (Refused e) {
      System.err.println("Nothing was renamed: " + e.getMessage() + ".");
      System.exit(2);
    }
  }

  private static String need(String key) {
    return given(key)
        .orElseThrow(
            () ->
                new Refused(
                    "-D%s= is missing; as in mvn -Prename -Dgroup=com.acme -Dartifact=flight-delays -Dpackage=com.acme.flights -Dsamples=remove"
                        .formatted(key)));
  }

  private static Optional<String> given(String key) {
    return Optional.ofNullable(System.getProperty(key)).filter(value -> !value.isBlank());
  }
}
