/**
 * A pipeline's topics as the broker describes them: ids, partitions, offsets and limits of size.
 *
 * <p>A topic is known by its id: one that was deleted and made anew under the same name is another
 * topic, and no offset, claim or receipt of the old one holds for it. Belongs here: requests for
 * ids, which are bounded and delay no poll, and noticing changes. Does not belong here: what a
 * worker does about a change, or creating topics.
 */
@NullMarked
package io.exactlyonce.engine.topic;

import org.jspecify.annotations.NullMarked;
