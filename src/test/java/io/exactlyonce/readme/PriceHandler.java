package io.exactlyonce.readme;

import io.exactlyonce.handler.BatchHandler;
import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import java.util.List;
import java.util.Map;

/** The manual's example of a handler that looks many things up at once. */
public class PriceHandler implements BatchHandler<Order> {
  /** Answers for many articles in one call. */
  public interface Catalogue {
    Map<String, Long> find(List<String> articles) throws Exception;
  }

  private final Catalogue catalogue;

  public PriceHandler(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  @Override
  public Handler<Order> prepare(List<Event<Order>> events) throws Exception {
    Map<String, Long> cents =
        catalogue.find(events.stream().map(e -> e.value().article()).toList());
    return event ->
        Outcome.emit(Output.to("priced", event.key(), cents.get(event.value().article())));
  }
}
