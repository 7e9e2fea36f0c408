/**
 * Everything broken at once, for as long as one likes: {@code mvn -Ptorture}. A cluster, a Redis
 * and instances as processes of their own, a source of records that knows what it sent, faults
 * drawn from a seed, and a verdict by {@link io.exactlyonce.torture.checker}, which shares nothing
 * with the product, and by the product's own audit.
 */
package io.exactlyonce.torture;
