package shop;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.exactlyonce.wiring.BuiltPipeline;
import io.exactlyonce.wiring.PipelineBuilder;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import shop.OrderHandler.Order;

public final class Main {
  public static void main(String[] args) throws InterruptedException {
    BuiltPipeline pipeline =
        pipeline(new ObjectMapper())
            .kafka(Map.of("bootstrap.servers", args[0]))
            .redis(args[1])
            .misconfigured((why, atStart) -> System.exit(2))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(pipeline::close));
    new CountDownLatch(1).await();
  }

  static PipelineBuilder<Order> pipeline(ObjectMapper json) {
    return PipelineBuilder.of(
            "orders", new OrderHandler(), record -> json.readValue(record.value(), Order.class))
        .output((topic, headers, isKey, value) -> json.writeValueAsBytes(value))
        .settings(Map.of("source", "orders", "sinks", "shipments", "topics.partitions", "3"));
  }
}
