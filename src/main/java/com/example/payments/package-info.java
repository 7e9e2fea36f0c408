/**
 * The sample: copy it, change it, or delete it. Of ours it needs {@code io.exactlyonce.handler}
 * alone, and nothing else needs it.
 */
@NullMarked
package com.example.payments;

import org.jspecify.annotations.NullMarked;
