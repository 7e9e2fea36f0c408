package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.exactlyonce.kit.HandlerKit;
import io.exactlyonce.kit.KitJson;
import io.exactlyonce.kit.RunningPipeline;
import io.exactlyonce.local.Backends;
import java.util.List;
import org.junit.jupiter.api.Test;
import shop.OrderHandler.Order;
import shop.OrderHandler.Shipment;

class OrderHandlerTest {
  final ObjectMapper mapper = new ObjectMapper();
  final KitJson json = KitJson.of(mapper::writeValueAsBytes, mapper::readValue);

  @Test
  void anOrderWithoutPiecesIsADeadLetter() throws Exception {
    HandlerKit<Order> kit = HandlerKit.of(new OrderHandler(), json, "shipments");
    assertEquals("pieces is below 1", kit.given("o-1", "ann", new Order("pen", 0)).deadLetter());
  }

  @Test
  void anOrderThatComesTwiceIsShippedOnce() {
    try (Backends backends = Backends.start();
        RunningPipeline pipeline = RunningPipeline.of(Main.pipeline(mapper), json, backends)) {
      pipeline.send("o-1", "ann", new Order("pen", 3));
      pipeline.send("o-1", "ann", new Order("pen", 3));
      assertEquals(
          List.of(new Shipment("o-1", "pen", 3)), pipeline.outputs("shipments", Shipment.class));
    }
  }
}
