package io.exactlyonce.readme;

import io.exactlyonce.handler.ForPipeline;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import javax.sql.DataSource;

/** One handler class for two pipelines, each with a setting of its own. */
@Factory
public class PriceHandlers {
  @Singleton
  @ForPipeline("prices-eu")
  PriceHandler eu(DataSource database) {
    return new PriceHandler(new JdbcCatalogue(database, "EU"));
  }

  @Singleton
  @ForPipeline("prices-us")
  PriceHandler us(DataSource database) {
    return new PriceHandler(new JdbcCatalogue(database, "US"));
  }
}
