/** A second sample: lines of text in, JSON out. It runs with MICRONAUT_ENVIRONMENTS=weblogs. */
package com.example.weblogs;
