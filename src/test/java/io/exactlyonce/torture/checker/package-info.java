/**
 * Verdict on a torture run, from its topics alone. It uses Kafka's client and the JDK, and nothing
 * of the product.
 */
package io.exactlyonce.torture.checker;
