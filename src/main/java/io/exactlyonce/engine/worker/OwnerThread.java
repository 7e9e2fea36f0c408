package io.exactlyonce.engine.worker;

/**
 * Checks the invariant "one owner" at run time: a worker's thread alone touches its consumer, its
 * tracks and the open transaction. The thread that makes this is the owner.
 */
final class OwnerThread {
  private final Thread thread = Thread.currentThread();

  void check() {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "owned by thread "
              + thread.getName()
              + ", called on "
              + Thread.currentThread().getName());
    }
  }
}
