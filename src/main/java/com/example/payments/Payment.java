package com.example.payments;

import io.micronaut.serde.annotation.Serdeable;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One payment. Its id is the event id of its record.
 *
 * <p>What JSON leaves out arrives here as null, so that {@link #problem} can name it.
 *
 * @param debtor the account that pays
 * @param creditor the account that is paid
 * @param cents the amount in hundredths of the currency: whole, above 0 and below 10^18. Not a
 *     long, because a decoder cuts 12.5 to a long of 12 and says nothing
 * @param currency three capital letters, as in ISO 4217
 */
@Serdeable
public record Payment(
    @Nullable String debtor,
    @Nullable String creditor,
    @Nullable BigDecimal cents,
    @Nullable String currency) {
  private static final int MAX_ACCOUNT_LENGTH = 200;
  private static final int MAX_DIGITS = 18;

  /**
   * What is wrong with it, if anything. Names the field and never its value, which belongs neither
   * into logs nor into headers.
   */
  public Optional<Problem> problem() {
    return account("debtor", debtor)
        .or(() -> account("creditor", creditor))
        .or(
            () ->
                problem(
                    Objects.equals(debtor, creditor),
                    "creditor is the debtor",
                    "name two accounts"))
        .or(() -> amount(cents))
        .or(
            () ->
                problem(
                    !isCurrency(currency),
                    "currency is not three capital letters",
                    "send an ISO 4217 code such as EUR"));
  }

  private static Optional<Problem> account(String field, @Nullable String value) {
    String remedy = "send an account id of 1 to " + MAX_ACCOUNT_LENGTH + " characters";
    if (value == null) {
      return problem(true, field + " is missing", remedy);
    }
    return problem(value.isBlank(), field + " is blank", remedy)
        .or(() -> problem(value.length() > MAX_ACCOUNT_LENGTH, field + " is too long", remedy));
  }

  private static Optional<Problem> amount(@Nullable BigDecimal cents) {
    String remedy = "send the amount in hundredths";
    if (cents == null) {
      return problem(true, "cents is missing", remedy);
    }
    return problem(cents.signum() <= 0, "cents is not above 0", "send an amount of 1 or more")
        .or(() -> problem(!isWhole(cents), "cents is not a whole number below 10^18", remedy));
  }

  private static Optional<Problem> problem(boolean present, String error, String remedy) {
    return present ? Optional.of(new Problem(error, remedy)) : Optional.empty();
  }

  /** Looks at the digits' places alone: 1e999999999 is short to send and long to write out. */
  private static boolean isWhole(BigDecimal amount) {
    long integerDigits = (long) amount.precision() - amount.scale();
    return integerDigits <= MAX_DIGITS && amount.stripTrailingZeros().scale() <= 0;
  }

  /** By the letters alone: java.util.Currency answers an unknown code with an exception. */
  private static boolean isCurrency(@Nullable String code) {
    return code != null && code.length() == 3 && code.chars().allMatch(c -> c >= 'A' && c <= 'Z');
  }
}
