package io.exactlyonce.config;

import static java.util.Map.entry;

import java.util.Map;

/** Client settings that the guarantee depends on, and why each cannot be overridden. */
public final class PinnedSettings {
  public static final Map<String, String> CONSUMER =
      Map.ofEntries(
          entry("isolation.level", "the pipeline must not read what may yet be aborted"),
          entry(
              "auto.offset.reset",
              "partitions without a committed offset start where their receipts end, new ones at"
                  + " their beginning"),
          entry(
              "allow.auto.create.topics",
              "a metadata request would recreate a deleted topic, empty"),
          entry("enable.auto.commit", "offsets commit inside the transaction only"),
          entry("group.id", "it comes from pipelines.<name>.group"),
          entry("group.protocol", "it comes from pipelines.<name>.group-protocol"),
          entry("group.instance.id", "it comes from pipelines.<name>.membership and instance-id"),
          entry("client.id", "it comes from pipelines.<name>.instance-id"),
          entry("partition.assignment.strategy", "revocation is handled cooperatively"),
          entry("key.deserializer", "the engine reads bytes; see key-deserializer"),
          entry("value.deserializer", "the engine reads bytes; see value-deserializer"));

  public static final Map<String, String> PRODUCER =
      Map.ofEntries(
          entry("enable.idempotence", "a retried send would be written twice without it"),
          entry("acks", "a commit is only as durable as its records, so it is all"),
          entry("transactional.id", "it comes from pipelines.<name>.instance-id"),
          entry("transaction.timeout.ms", "it comes from pipelines.<name>.transaction-timeout"),
          entry(
              "delivery.timeout.ms",
              "a send is given up with its transaction, at pipelines.<name>.transaction-timeout"),
          entry("transaction.two.phase.commit.enable", "the pipeline commits by itself"),
          entry("client.id", "it comes from pipelines.<name>.instance-id"),
          entry("retries", "a send is retried until delivery.timeout.ms"),
          entry("key.serializer", "the engine writes bytes"),
          entry("value.serializer", "the engine writes bytes; see value-serializer"));

  private PinnedSettings() {}
}
