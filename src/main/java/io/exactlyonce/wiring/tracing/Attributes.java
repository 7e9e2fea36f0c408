package io.exactlyonce.wiring.tracing;

import io.opentelemetry.api.common.AttributeKey;

/**
 * Names of the attributes of spans, by OpenTelemetry's semantic conventions for messaging and HTTP;
 * those that begin with {@code pipeline.} are ours. No attribute has a record's key or value, or an
 * exception's message, which may quote them.
 */
final class Attributes {
  static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.name");
  static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("messaging.operation.type");
  static final AttributeKey<String> DESTINATION =
      AttributeKey.stringKey("messaging.destination.name");
  static final AttributeKey<String> PARTITION =
      AttributeKey.stringKey("messaging.destination.partition.id");
  static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
  static final AttributeKey<String> GROUP = AttributeKey.stringKey("messaging.consumer.group.name");
  static final AttributeKey<String> EVENT_ID = AttributeKey.stringKey("messaging.message.id");

  static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  static final AttributeKey<String> EXCEPTION = AttributeKey.stringKey("exception.type");

  static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");

  /** Calls of the handler for the record before it was read this time. */
  static final AttributeKey<Long> EARLIER_ATTEMPTS =
      AttributeKey.longKey("pipeline.earlier_attempts");

  /** Number of the call since the record was read, from 1. */
  static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("pipeline.attempt");

  /** Outcome of the record, such as {@code processed} or {@code dead-letter}. */
  static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("pipeline.outcome");

  /**
   * Whether the outcome was committed, as far as the worker knows: {@code committed} or {@code
   * dropped}.
   */
  static final AttributeKey<String> TRANSACTION = AttributeKey.stringKey("pipeline.transaction");

  private Attributes() {}
}
