package io.exactlyonce.ops.access;

import jakarta.inject.Singleton;

/** What anybody may know of who may do what. */
@Singleton
public final class Guarded {
  private final AdminTokens admins;

  Guarded(AdminTokens admins) {
    this.admins = admins;
  }

  /** Whether anything can be changed over HTTP here: a token for it is configured. */
  public boolean mayAct() {
    return !admins.isEmpty();
  }
}
