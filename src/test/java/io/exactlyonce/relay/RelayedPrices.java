package io.exactlyonce.relay;

import io.exactlyonce.handler.BatchHandler;
import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.exactlyonce.readme.JdbcCatalogue;
import io.micronaut.context.annotation.Factory;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The manual's factory as beans, for pipelines of specs alone. */
@Factory
public class RelayedPrices {
  @Serdeable
  public record Wanted(String article) {}

  /** Handler like the manual's PriceHandler. */
  record Prices(JdbcCatalogue catalogue) implements BatchHandler<Wanted> {
    @Override
    public Handler<Wanted> prepare(List<Event<Wanted>> events) throws Exception {
      Map<String, Long> cents =
          catalogue.find(events.stream().map(event -> event.value().article()).toList());
      return event ->
          Outcome.emit(Output.to("priced", event.key(), cents.get(event.value().article())));
    }
  }

  @Singleton
  @ForPipeline("relayed-prices-eu")
  Prices eu(DataSource database) {
    return new Prices(new JdbcCatalogue(database, "EU"));
  }

  @Singleton
  @ForPipeline("relayed-prices-us")
  Prices us(DataSource database) {
    return new Prices(new JdbcCatalogue(database, "US"));
  }
}
