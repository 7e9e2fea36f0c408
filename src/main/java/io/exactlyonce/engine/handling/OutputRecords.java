package io.exactlyonce.engine.handling;

import io.exactlyonce.config.value.OutputHeaderNames;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.RecordResult;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.spi.OutputCodec;
import io.exactlyonce.engine.spi.Sizes;
import io.exactlyonce.handler.Output;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Makes the records that are sent from the outputs of a handler: bytes, and headers that say where
 * they come from.
 *
 * @param sinks topics that outputs may go to
 * @param names of the headers that outputs get
 * @param mostBytes largest record that can be sent
 */
public record OutputRecords(
    OutputCodec codec, Set<String> sinks, OutputHeaderNames names, int mostBytes) {

  /**
   * @param id of the event whose outputs they are
   * @throws RecordFault where an output goes to no sink, cannot be encoded or is too large
   * @throws Backend.UnreachableException where a service that encoding needs is away
   */
  RecordResult make(PolledRecords polled, int index, String id, List<Output> outputs)
      throws RecordFault {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(outputs.size());
    byte[] known = polled.eventIds[index];
    OutputHeaders headers =
        new OutputHeaders(
            names,
            known == null ? id.getBytes(StandardCharsets.UTF_8) : known,
            polled.partitionText,
            polled.offset(index),
            polled.lineage,
            TraceHeaders.of(polled, index));
    for (int i = 0; i < outputs.size(); i++) {
      Output out = outputs.get(i);
      if (!sinks.contains(out.topic())) {
        throw new RecordFault("output to " + out.topic() + ", which is not a sink", null);
      }
      ProducerRecord<byte[], byte[]> made = encode(out, headers, i);
      int size = Sizes.sent(made);
      if (size > mostBytes) {
        throw new RecordFault(
            "output " + i + " is " + size + " bytes, more than the " + mostBytes + " allowed",
            null);
      }
      records.add(made);
    }
    return new RecordResult(
        RecordResult.Kind.PROCESSED, records, polled.partition, polled.offset(index));
  }

  private ProducerRecord<byte[], byte[]> encode(Output out, OutputHeaders headers, int i)
      throws RecordFault {
    Headers sent = OutputHeaders.given(out.headers());
    byte @Nullable [] key;
    byte @Nullable [] value;
    try {
      key = codec.bytes(out.topic(), sent, true, out.key());
      value = codec.bytes(out.topic(), sent, false, out.value());
    } catch (Backend.UnreachableException e) {
      throw e;
    } catch (Throwable e) { // the serializer's, such as a stack overflow by a cycle
      throw new RecordFault("output " + i + " cannot be serialized", e);
    } finally {
      Thread.interrupted(); // clears an interrupt flag that a serializer left set
    }
    headers.addTo(sent, i);
    return new ProducerRecord<>(out.topic(), null, null, key, value, sent);
  }
}
