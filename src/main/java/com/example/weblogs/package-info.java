/** A second sample: lines of text in, JSON out. It runs with MICRONAUT_ENVIRONMENTS=weblogs. */
@NullMarked
package com.example.weblogs;

import org.jspecify.annotations.NullMarked;
