package com.example.payments;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.Optional;

/** HTTP resource of the accounts' balances. */
@Controller("/accounts")
class AccountController {
  private static final Problem UNKNOWN =
      new Problem(
          "the ledger has no line of this account",
          "check the id; a payment shows here as soon as it is booked");

  private final Balances balances;

  AccountController(Balances balances) {
    this.balances = balances;
  }

  /** The balance, or 404 when the ledger has no line of the account. */
  @ApiResponse(
      responseCode = "200",
      description = "The balance.",
      content = @Content(schema = @Schema(implementation = Balance.class)))
  @Get("/{id}")
  HttpResponse<?> balance(String id) {
    Optional<Balance> balance = balances.of(id);
    return balance.isPresent()
        ? HttpResponse.ok(balance.get())
        : HttpResponse.notFound().body(UNKNOWN);
  }
}
