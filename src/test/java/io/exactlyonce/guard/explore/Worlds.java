package io.exactlyonce.guard.explore;

import java.util.Arrays;

/**
 * Visited worlds, each once, numbered in the order of their visits; of each, the world that it was
 * first reached from.
 */
final class Worlds {
  private static final int EMPTY = -1;

  private long[] packed = new long[1024];
  private final IntList parents = new IntList();
  private int[] table = filled(4096);
  private int size;

  /** Adds a world unless it was visited, and returns its number. */
  int add(long world, int parent) {
    int slot = slot(world);
    if (table[slot] != EMPTY) {
      return table[slot];
    }
    if (size == packed.length) {
      packed = Arrays.copyOf(packed, size * 2);
    }
    packed[size] = world;
    parents.add(parent);
    table[slot] = size++;
    if (size * 2 > table.length) {
      grow();
    }
    return size - 1;
  }

  private int slot(long world) {
    long hash = world * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 32) & table.length - 1;
    while (table[slot] != EMPTY && packed[table[slot]] != world) {
      slot = slot + 1 & table.length - 1;
    }
    return slot;
  }

  private void grow() {
    table = filled(table.length * 2);
    for (int i = 0; i < size; i++) {
      table[slot(packed[i])] = i;
    }
  }

  private static int[] filled(int length) {
    int[] table = new int[length];
    Arrays.fill(table, EMPTY);
    return table;
  }

  long get(int index) {
    return packed[index];
  }

  int parent(int index) {
    return parents.get(index);
  }

  int size() {
    return size;
  }
}
