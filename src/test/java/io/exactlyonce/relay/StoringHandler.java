package io.exactlyonce.relay;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Handler that writes to a database, whose pool has meters. */
@Singleton
@ForPipeline("storing")
public class StoringHandler implements Handler<String> {
  private final DataSource database;

  public StoringHandler(DataSource database) {
    this.database = database;
  }

  @Override
  public Outcome handle(Event<String> event) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("merge into seen key (id) values (?)")) {
      insert.setString(1, event.idempotencyKey());
      insert.executeUpdate();
    }
    return Outcome.skip("it was stored");
  }
}
