package io.exactlyonce.receipt.audit;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Parser of a source position, {@code topic-partition@offset;topic id;group}; in outputs of older
 * versions it ends at the offset. It makes no strings, since it reads one for each output. Not
 * thread-safe: the last result is in the fields.
 */
final class SourcePositionHeader {
  /** Relation of a position to the group and its partitions. */
  enum Reading {
    /** A position of the group, in a partition that the constructor was given. */
    PLACED,
    /** A position of the group, in none of these partitions. */
    ASTRAY,
    /** A position of another group, or none. */
    FOREIGN
  }

  /** Which of the topics with its name a position belongs to. */
  enum Lineage {
    /** The present topic. */
    PRESENT,
    /** An earlier topic, which was deleted. */
    EARLIER,
    /** The position has no topic id. */
    UNKNOWN
  }

  private static final int ID_LENGTH = 8;

  private final List<byte[]> topics = new ArrayList<>();
  private final List<byte[]> ids = new ArrayList<>();
  private final byte[] group;
  private final List<int[]> indexes = new ArrayList<>();
  private int lastTopic;

  /**
   * Index of the partition, in the list that the constructor was given; of no meaning if EARLIER.
   */
  int partition;

  /** The topic that an ASTRAY position names; empty where it names none. */
  String topic = "";

  /** The partition's number in its topic; negative where it has none. */
  long number;

  long offset;

  Lineage lineage = Lineage.UNKNOWN;

  /**
   * @param topicIds present ids of the partitions' topics
   * @param group whose outputs are read: positions that name another are FOREIGN
   */
  SourcePositionHeader(List<TopicPartition> partitions, Map<String, Uuid> topicIds, String group) {
    this.group = group.getBytes(StandardCharsets.UTF_8);
    List<String> names = partitions.stream().map(TopicPartition::topic).distinct().toList();
    for (String name : names) {
      int most = partitions.stream().mapToInt(TopicPartition::partition).max().orElse(0);
      int[] index = new int[most + 1];
      Arrays.setAll(index, i -> partitions.indexOf(new TopicPartition(name, i)));
      topics.add(name.getBytes(StandardCharsets.UTF_8));
      String id = requireNonNull(topicIds.get(name)).toString().substring(0, ID_LENGTH);
      ids.add(id.getBytes(StandardCharsets.UTF_8));
      indexes.add(index);
    }
  }

  /**
   * Reads a position, into the fields.
   *
   * @param isOwn whether it is known to be of the group that the constructor was given; if not, it
   *     has to name the group or a topic that the group reads
   */
  Reading read(byte[] text, boolean isOwn) {
    int at = firstIndex(text, '@', 0); // the first one, since a group id may hold another
    int dash = lastIndex(text, '-', at);
    int end = firstIndex(text, ';', at + 1);
    int idEnd = firstIndex(text, ';', end + 1);
    boolean isNamed = idEnd < text.length;
    if (isNamed && !Arrays.equals(group, 0, group.length, text, idEnd + 1, text.length)) {
      return Reading.FOREIGN;
    }
    number = number(text, dash + 1, at);
    offset = number(text, at + 1, end);
    boolean isPosition = dash >= 0 && number >= 0 && offset >= 0;
    int index = isPosition ? topic(text, dash) : -1;
    if (index >= 0) {
      readLineage(text, end, idEnd, index);
      partition = number < indexes.get(index).length ? indexes.get(index)[(int) number] : -1;
      if (partition >= 0 || lineage == Lineage.EARLIER) {
        return Reading.PLACED;
      }
    }
    topic = isPosition ? new String(text, 0, dash, StandardCharsets.UTF_8) : "";
    return isOwn || isNamed || index >= 0 ? Reading.ASTRAY : Reading.FOREIGN;
  }

  private void readLineage(byte[] text, int start, int end, int index) {
    if (start >= text.length) {
      lineage = Lineage.UNKNOWN;
    } else {
      byte[] id = ids.get(index);
      boolean isPresent = Arrays.equals(id, 0, id.length, text, start + 1, end);
      lineage = isPresent ? Lineage.PRESENT : Lineage.EARLIER;
    }
  }

  /** Reads a position from its parts, each as text; null where one is absent. */
  Reading read(
      byte @Nullable [] topicName,
      byte @Nullable [] partitionNumber,
      byte @Nullable [] offsetNumber,
      boolean isOwn) {
    if (topicName == null || partitionNumber == null || offsetNumber == null) {
      topic = "";
      number = -1;
      return isOwn ? Reading.ASTRAY : Reading.FOREIGN;
    }
    String whole =
        new String(topicName, StandardCharsets.UTF_8)
            + "-"
            + new String(partitionNumber, StandardCharsets.UTF_8)
            + "@"
            + new String(offsetNumber, StandardCharsets.UTF_8);
    return read(whole.getBytes(StandardCharsets.UTF_8), isOwn);
  }

  private int topic(byte[] text, int end) {
    for (int i = 0; i < topics.size(); i++) {
      int candidate = (lastTopic + i) % topics.size();
      byte[] name = topics.get(candidate);
      if (Arrays.equals(name, 0, name.length, text, 0, end)) {
        lastTopic = candidate;
        return candidate;
      }
    }
    return -1;
  }

  /** Index of the first such character from an index on; the text's length where there is none. */
  static int firstIndex(byte[] text, char wanted, int from) {
    int i = from;
    while (i < text.length && text[i] != wanted) {
      i++;
    }
    return i;
  }

  static int lastIndex(byte[] text, char wanted, int end) {
    int i = end - 1;
    while (i >= 0 && text[i] != wanted) {
      i--;
    }
    return i;
  }

  /** The decimal number between the two indexes; -1 where there is none. */
  static long number(byte[] text, int from, int to) {
    if (from >= to || to - from > 18) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      if (text[i] < '0' || text[i] > '9') {
        return -1;
      }
      value = value * 10 + (text[i] - '0');
    }
    return value;
  }
}
