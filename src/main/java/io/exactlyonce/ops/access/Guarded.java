package io.exactlyonce.ops.access;

import jakarta.inject.Singleton;

/** Public view of the access rules. */
@Singleton
public final class Guarded {
  private final AdminTokens admins;

  Guarded(AdminTokens admins) {
    this.admins = admins;
  }

  /** Whether this instance accepts changes over HTTP: an admin token is configured. */
  public boolean mayAct() {
    return !admins.isEmpty();
  }
}
