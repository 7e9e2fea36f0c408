package io.exactlyonce.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Process that OrphanSpec kills: it starts both servers, writes their pids to a file and waits. */
final class OrphanParent {

  private OrphanParent() {}

  public static void main(String[] args) throws Exception {
    Path dir = Path.of(args[0]);
    EmbeddedBackends backends = EmbeddedBackends.start(dir);
    if (args[1].equals("paused")) {
      backends.kafka().node(0).pause();
      backends.redis().pause();
    }
    List<Long> pids = List.of(backends.kafka().node(0).pid(), backends.redis().pid());
    // Moved into place, so that the file never has one pid only.
    Path written = dir.resolve("pids.new");
    Files.write(written, pids.stream().map(String::valueOf).toList());
    Files.move(written, dir.resolve("pids"), StandardCopyOption.ATOMIC_MOVE);
    new CountDownLatch(1).await();
  }
}
