/**
 * Torture: everything is broken at once, for as long as wanted: {@code mvn -Ptorture}. It has a
 * cluster, a Redis and instances as processes of their own, a producer that notes what it sent, and
 * faults drawn from a seed. The verdict is that of {@link io.exactlyonce.torture.checker}, which
 * shares no code with the product, and of the product's own audit.
 */
package io.exactlyonce.torture;
