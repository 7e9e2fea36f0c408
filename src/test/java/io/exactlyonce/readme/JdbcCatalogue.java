package io.exactlyonce.readme;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** Prices of one region in a database. */
public record JdbcCatalogue(DataSource database, String region) implements PriceHandler.Catalogue {
  private static final String PRICES =
      "SELECT article, cents FROM prices WHERE region = ? AND article = ANY (?)";

  @Override
  public Map<String, Long> find(List<String> articles) throws SQLException {
    Map<String, Long> cents = new HashMap<>();
    try (Connection connection = database.getConnection();
        PreparedStatement query = connection.prepareStatement(PRICES)) {
      query.setString(1, region);
      query.setArray(2, connection.createArrayOf("VARCHAR", articles.toArray()));
      try (ResultSet found = query.executeQuery()) {
        while (found.next()) {
          cents.put(found.getString("article"), found.getLong("cents"));
        }
      }
    }
    return cents;
  }
}
