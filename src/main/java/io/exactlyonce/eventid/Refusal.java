package io.exactlyonce.eventid;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reason to refuse an event id. Its {@code id} stands in the place of the refused one: it is
 * recognised by its identity, and is not UTF-8, so that it is unusable.
 */
record Refusal(byte[] id, String why) {
  static final Refusal NOT_UTF_8 = new Refusal("the event id is not UTF-8 text");
  static final Refusal FINDER_THREW =
      new Refusal("the class of guard.event-id threw at this record");
  static final Refusal NO_SOURCE =
      new Refusal(
          "the CloudEvent's id has no source beside it (ce_id and ce_source; in structured mode id"
              + " and source) that is a URI without spaces: events of two sources could not be told"
              + " apart; send both, or set guard.event-id to header:ce_id or field:id where the id"
              + " alone is unique");
  static final Refusal FIELD_TWICE =
      new Refusal("the JSON object has the field of the event id twice");
  static final Refusal FIELD_NO_TEXT =
      new Refusal("the field of the event id is neither a text nor a whole number");
  static final Refusal FIELD_UNSURE =
      new Refusal("the value has the field of the event id, but is not one JSON document in UTF-8");
  private static final List<Refusal> ALL =
      List.of(NOT_UTF_8, FINDER_THREW, NO_SOURCE, FIELD_TWICE, FIELD_NO_TEXT, FIELD_UNSURE);

  private Refusal(String why) {
    this(new byte[] {(byte) 0xFF}, why);
  }

  /** The refusal that these bytes stand for; null where they are a record's own id. */
  static @Nullable Refusal of(byte[] id) {
    for (Refusal refusal : ALL) {
      if (refusal.id == id) {
        return refusal;
      }
    }
    return null;
  }
}
