package io.exactlyonce.guard.explore;

/** Small numbers in one {@code long}, put and taken in the same order. */
final class Bits {
  long value;
  private int at;

  Bits() {}

  Bits(long value) {
    this.value = value;
  }

  void put(int number, int width) {
    if (number < 0 || number >= 1 << width || at + width > Long.SIZE) {
      throw new IllegalArgumentException(number + " in " + width + " bits at " + at);
    }
    value |= (long) number << at;
    at += width;
  }

  void put(boolean flag) {
    put(flag ? 1 : 0, 1);
  }

  void put(boolean flag, int number, int width) {
    put(flag);
    put(number, width);
  }

  int take(int width) {
    int number = (int) (value >>> at) & (1 << width) - 1;
    at += width;
    return number;
  }

  boolean flag() {
    return take(1) == 1;
  }
}
