package io.exactlyonce.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Comparison of the topics, read with a read_committed reader, to the content of the source topic.
 * No counter of the application is used.
 *
 * @param payments distinct payments in the source
 * @param duplicates records in the source whose event id was there before
 * @param poison records in the source that cannot be booked
 * @param lost payments with fewer than two ledger lines, and poison without a dead letter
 * @param duplicated payments with more than two, and poison with more than one
 * @param balancesOff accounts whose balance is not the sum of the payments
 */
record Summary(
    long records,
    long payments,
    long duplicates,
    long poison,
    long lost,
    long duplicated,
    long balancesOff) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Records found for one event id, and which kind is expected. */
  private static final class Count {
    final boolean poison;
    int found;

    Count(boolean poison) {
      this.poison = poison;
    }
  }

  boolean addsUp() {
    return lost == 0 && duplicated == 0 && balancesOff == 0;
  }

  static Summary read(String bootstrapServers) {
    TopicScan scan = new TopicScan(bootstrapServers);
    Map<String, Count> events = new HashMap<>();
    Map<String, Long> balances = new HashMap<>();
    long[] duplicates = new long[1];
    long records =
        scan.forEach(
            PaymentStream.TOPIC,
            record -> {
              String id = header(record, "event-id");
              boolean poison = id.startsWith("poison");
              if (events.putIfAbsent(id, new Count(poison)) != null) {
                duplicates[0]++;
              } else if (!poison) {
                expect(record, balances);
              }
            });
    scan.forEach(
        "ledger",
        record -> {
          Map<String, String> line = fields(record.value());
          count(events, line.get("paymentId"), false);
          long cents = Long.parseLong(line.get("cents"));
          balances.merge(line.get("account"), -cents, Long::sum);
        });
    scan.forEach(
        "payments.dead-letters", record -> count(events, header(record, "event-id"), true));
    return judge(records, duplicates[0], events, balances);
  }

  private static void expect(ConsumerRecord<byte[], byte[]> record, Map<String, Long> balances) {
    Map<String, String> payment = fields(record.value());
    long cents = Long.parseLong(payment.get("cents"));
    balances.merge(payment.get("debtor"), -cents, Long::sum);
    balances.merge(payment.get("creditor"), cents, Long::sum);
  }

  /**
   * Counts a record for its event. One of the other kind counts a thousand, so that the event is
   * wrong; an id that is not in the source becomes an event of its own.
   */
  private static void count(Map<String, Count> events, String id, boolean poison) {
    Count count = events.computeIfAbsent(id, unknown -> new Count(poison));
    count.found += count.poison == poison ? 1 : 1_000;
  }

  private static Summary judge(
      long records, long duplicates, Map<String, Count> events, Map<String, Long> balances) {
    long poison = 0;
    long lost = 0;
    long duplicated = 0;
    Set<String> off = new HashSet<>();
    for (Count count : events.values()) {
      int wanted = count.poison ? 1 : 2;
      poison += count.poison ? 1 : 0;
      lost += count.found < wanted ? 1 : 0;
      duplicated += count.found > wanted ? 1 : 0;
    }
    balances.forEach(
        (account, rest) -> {
          if (rest != 0) {
            off.add(account);
          }
        });
    return new Summary(
        records, events.size() - poison, duplicates, poison, lost, duplicated, off.size());
  }

  private static Map<String, String> fields(byte[] json) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() != JsonToken.FIELD_NAME && parser.currentName() != null) {
          fields.put(parser.currentName(), parser.getText());
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the ledger holds a line that is no JSON", e);
    }
    return fields;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  String text() {
    return """

        From the topics, read with isolation read_committed:
          records in        %,12d   (%,d payments, %,d duplicates, %,d poison)
          booked once       %,12d of %,d
          balances          %12s
          lost %d  duplicated %d
        """
        .formatted(
            records,
            payments,
            duplicates,
            poison,
            payments + poison - lost - duplicated,
            payments + poison,
            balancesOff == 0 ? "as expected" : balancesOff + " off",
            lost,
            duplicated);
  }
}
