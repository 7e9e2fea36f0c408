package io.exactlyonce.cli.load;

import io.exactlyonce.cli.common.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Detects how a file is packed by its first bytes, since its name may be wrong. */
final class Packing {
  private static final int BUFFER = 64 * 1024;
  private static final int LONGEST = 6;

  private record Kind(String name, String remedy, int... begins) {
    boolean is(byte[] first) {
      for (int i = 0; i < begins.length; i++) {
        if (i >= first.length || (first[i] & 0xff) != begins[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private static final Kind GZIP = new Kind("gzip", "", 0x1f, 0x8b);

  private static final List<Kind> REFUSED =
      List.of(
          new Kind("a zip archive", "unzip -p FILE | ... load -", 'P', 'K', 3, 4),
          new Kind("a zip archive without files", "name another file", 'P', 'K', 5, 6),
          new Kind("packed by zstd", "zstd -dc FILE | ... load -", 0x28, 0xb5, 0x2f, 0xfd),
          new Kind("packed by bzip2", "bzip2 -dc FILE | ... load -", 'B', 'Z', 'h'),
          new Kind("packed by xz", "xz -dc FILE | ... load -", 0xfd, '7', 'z', 'X', 'Z', 0),
          new Kind("packed by lz4", "lz4 -dc FILE | ... load -", 4, 0x22, 0x4d, 0x18),
          new Kind("a 7z archive", "7z x -so FILE | ... load -", '7', 'z', 0xbc, 0xaf, 0x27, 0x1c),
          new Kind("packed by compress", "zcat FILE | ... load -", 0x1f, 0x9d),
          new Kind("a Parquet file", "write it as NDJSON", 'P', 'A', 'R', '1'),
          new Kind("an Avro file", "write it as NDJSON", 'O', 'b', 'j', 1),
          new Kind("a PDF", "name an NDJSON or CSV file", '%', 'P', 'D', 'F', '-'));

  private Packing() {}

  /**
   * Unpacks gzip, as often as it was applied.
   *
   * @throws CommandFailure where the bytes are packed in another way, or no gzip although the name
   *     ends in {@code .gz}
   */
  static PushbackInputStream unpacked(InputStream packed, String name)
      throws IOException, CommandFailure {
    PushbackInputStream bytes = new PushbackInputStream(packed, BUFFER);
    byte[] first = peek(bytes);
    if (name.toLowerCase(Locale.ROOT).endsWith(".gz") && !GZIP.is(first)) {
      Kind kind = kind(first);
      throw new CommandFailure(
          name
              + " is "
              + (first.length == 0 ? "empty" : kind == null ? "no gzip file" : kind.name())
              + (kind == null
                  ? "; fetch it again, or give it another name if it is not packed"
                  : "; unpack it first, say: " + kind.remedy()));
    }
    while (GZIP.is(first)) {
      bytes = new PushbackInputStream(new GzipMembers(bytes), BUFFER);
      first = peek(bytes);
    }
    Kind kind = kind(first);
    if (kind != null) {
      throw new CommandFailure(
          name + " is " + kind.name() + "; unpack it first, say: " + kind.remedy());
    }
    return bytes;
  }

  private static @Nullable Kind kind(byte[] first) {
    return REFUSED.stream().filter(each -> each.is(first)).findFirst().orElse(null);
  }

  private static byte[] peek(PushbackInputStream bytes) throws IOException {
    byte[] first = bytes.readNBytes(LONGEST);
    bytes.unread(first);
    return first;
  }
}
