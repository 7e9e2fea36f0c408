/**
 * Judges a torture run from the topics alone. Nothing of the product may be known here: Kafka's
 * client and the JDK are all it uses.
 */
package io.exactlyonce.torture.checker;
