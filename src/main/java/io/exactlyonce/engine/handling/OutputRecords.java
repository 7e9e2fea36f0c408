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
 * From the outputs of a handler to the records that are sent: bytes, and headers that say where
 * they come from.
 *
 * @param sinks topics that outputs may go to
 * @param names of the headers that outputs get
 * @param mostBytes an output that is larger could not be sent
 */
public record OutputRecords(
    OutputCodec codec, Set<String> sinks, OutputHeaderNames names, int mostBytes) {

  /**
   * @param id of the event whose outputs they are
   * @throws RecordFault where any of them cannot be sent
   * @throws Backend.UnreachableException where one cannot be serialized before a registry answers
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
    } catch (Throwable e) { // the serializer's, such as the overflow of what holds itself
      throw new RecordFault("output " + i + " cannot be serialized", e);
    } finally {
      Thread.interrupted(); // not the next record's, should a serializer leave the flag up
    }
    headers.addTo(sent, i);
    return new ProducerRecord<>(out.topic(), null, null, key, value, sent);
  }
}
