package io.exactlyonce.guard.explore;

/**
 * Small numbers packed into one {@code long}, each as a digit of its own base. They are taken in
 * the order in which they were put.
 */
final class Digits {
  long value;
  private long weight = 1;

  Digits() {}

  Digits(long value) {
    this.value = value;
  }

  void put(int digit, int base) {
    if (digit < 0 || digit >= base) {
      throw new IllegalArgumentException(digit + " in base " + base);
    }
    value += weight * digit;
    weight *= base;
  }

  void put(boolean flag) {
    put(flag ? 1 : 0, 2);
  }

  int take(int base) {
    int digit = (int) Long.remainderUnsigned(value, base);
    value = Long.divideUnsigned(value, base);
    return digit;
  }

  boolean flag() {
    return take(2) == 1;
  }
}
