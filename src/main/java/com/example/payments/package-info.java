/**
 * Sample application: copy it, change it, or delete it. Of the template it uses only {@code
 * io.exactlyonce.handler}, and no other package uses it.
 */
@NullMarked
package com.example.payments;

import org.jspecify.annotations.NullMarked;
