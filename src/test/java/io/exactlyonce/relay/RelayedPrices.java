package io.exactlyonce.relay;

import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.readme.JdbcCatalogue;
import io.exactlyonce.readme.Order;
import io.exactlyonce.readme.PriceHandler;
import io.micronaut.context.annotation.Factory;
import io.micronaut.serde.annotation.SerdeImport;
import jakarta.inject.Singleton;
import javax.sql.DataSource;

/** The manual's factory as beans, for pipelines that nobody else has. */
@Factory
@SerdeImport(Order.class)
public class RelayedPrices {
  @Singleton
  @ForPipeline("relayed-prices-eu")
  PriceHandler eu(DataSource database) {
    return new PriceHandler(new JdbcCatalogue(database, "EU"));
  }

  @Singleton
  @ForPipeline("relayed-prices-us")
  PriceHandler us(DataSource database) {
    return new PriceHandler(new JdbcCatalogue(database, "US"));
  }
}
