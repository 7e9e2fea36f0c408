package io.exactlyonce.cli.load;

/** Result of reading a row: a row to send, or a line that cannot be one. */
sealed interface RowReader {

  /**
   * A row to send.
   *
   * @param line of the file on which it begins, from 1
   * @param id the event id, never empty
   * @param key of the record, UTF-8
   * @param value of the record, a JSON object in UTF-8
   */
  record Row(long line, String id, byte[] key, byte[] value) implements RowReader {}

  /**
   * A line that cannot be sent.
   *
   * @param line of the file on which it begins, from 1
   * @param what is wrong with it
   * @param remedy what to do about it
   */
  record Bad(long line, String what, String remedy) implements RowReader, CsvRecords.Found {
    @Override
    public String toString() {
      return "line " + line + ": " + what + "; " + remedy;
    }
  }
}
