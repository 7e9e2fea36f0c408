package io.exactlyonce.engine.spi;

import io.exactlyonce.handler.Handler;

/**
 * The user's part of a pipeline: the handler, and the codecs of the values that it takes and
 * returns.
 */
public record UserCode<I>(Handler<I> handler, InputCodec<I> input, OutputCodec output) {}
