package io.exactlyonce.cli.load;

/** What a reader of rows finds: a row to send, or a line that cannot be one. */
sealed interface RowReader {

  /**
   * A row to send.
   *
   * @param line the file's line on which it starts, from 1
   * @param id the event id, never empty
   * @param key the record's key, UTF-8
   * @param value the record's value, a JSON object in UTF-8
   */
  record Row(long line, String id, byte[] key, byte[] value) implements RowReader {}

  /**
   * A line that cannot be sent.
   *
   * @param line the file's line on which it starts, from 1
   * @param what what is wrong with it
   * @param remedy what to do about it
   */
  record Bad(long line, String what, String remedy) implements RowReader, CsvRecords.Found {
    @Override
    public String toString() {
      return "line " + line + ": " + what + "; " + remedy;
    }
  }
}
