/**
 * What the broker says of a pipeline's topics: ids, partitions, offsets and limits of size.
 *
 * <p>A topic is its id: one that was deleted and made anew under the same name is another topic,
 * and no offset, claim or receipt of the old one is true of it. Belongs here: asking for ids,
 * within a bound and without holding up a poll, and noticing changes. Does not belong here: what a
 * worker does about a change, or the making of topics.
 */
@NullMarked
package io.exactlyonce.engine.topic;

import org.jspecify.annotations.NullMarked;
