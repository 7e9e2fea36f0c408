package io.exactlyonce.contract

import java.nio.file.Files
import java.nio.file.Path

/**
 * What earlier versions promised, a line each, in a file of src/test/resources/contracts. What is new is added by
 * {@code mvn test -Dtest='*ContractSpec' -Dcontracts.write=true}. A line that no longer holds is never taken away by it: that
 * is a break, to be taken out by hand, with a section of upgrading.md that says what to do about it.
 */
record Contract(String name) {

  static final Path FOLDER = Path.of('src/test/resources/contracts')

  List<String> promised() {
    Files.exists(file()) ? Files.readAllLines(file()) : []
  }

  /** What was promised and is not there any more. */
  List<String> broken(Collection<String> now) {
    promised() - now
  }

  /** What is there and was not promised yet; with the property it is from now on. */
  List<String> unwritten(Collection<String> now) {
    if (Boolean.getBoolean('contracts.write')) {
      Files.createDirectories(FOLDER)
      Files.writeString(file(), (promised() + now).toUnique().toSorted().join('\n') + '\n')
    }
    now.toList() - promised()
  }

  private Path file() {
    FOLDER.resolve(name + '.txt')
  }
}
