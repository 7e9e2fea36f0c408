package com.example.payments;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.micronaut.context.annotation.Value;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns a payment into two ledger lines, and into a notification where it is large. A payment that
 * cannot be booked becomes a dead letter whose reason names the field.
 */
@Singleton
@ForPipeline("payments")
public class PaymentHandler implements Handler<Payment> {
  private final long notifyFromCents;

  /**
   * @param notifyFromCents the least amount that is notified, in hundredths of any currency; above
   *     0; by default 1,000,000
   */
  public PaymentHandler(@Value("${payments.notify-from-cents:1000000}") long notifyFromCents) {
    if (notifyFromCents <= 0) {
      throw new IllegalArgumentException(
          "payments.notify-from-cents is " + notifyFromCents + ": set it to 1 or more");
    }
    this.notifyFromCents = notifyFromCents;
  }

  @Override
  public Outcome handle(Event<Payment> event) {
    Payment payment = event.value();
    if (payment == null) {
      return Outcome.deadLetter("payment refused: the record has no value");
    }
    // Checked again here, since not every payment comes through the controller.
    Optional<Problem> problem = payment.problem();
    return problem.isPresent()
        ? Outcome.deadLetter("payment refused: " + problem.get().error())
        : Outcome.emit(outputs(event.id(), payment));
  }

  /** The outputs of a payment without a problem, which has no field that is null. */
  private List<Output> outputs(String id, Payment payment) {
    String debtor = requireNonNull(payment.debtor());
    String creditor = requireNonNull(payment.creditor());
    String currency = requireNonNull(payment.currency());
    long cents = requireNonNull(payment.cents()).longValueExact();
    List<Output> outputs = new ArrayList<>();
    outputs.add(line(id, debtor, -cents, currency, creditor));
    outputs.add(line(id, creditor, cents, currency, debtor));
    if (cents >= notifyFromCents) {
      var notification = new Notification(debtor, id, cents, currency);
      outputs.add(Output.to("notifications", debtor, notification));
    }
    return outputs;
  }

  /** Keyed by account, so that the lines of one account keep their order. */
  private static Output line(
      String id, String account, long cents, String currency, String counterparty) {
    var entry = new LedgerEntry(account, id, cents, currency, counterparty);
    return Output.to("ledger", account, entry);
  }
}
