package io.exactlyonce.engine.spi;

import io.exactlyonce.handler.Handler;

/**
 * The user's part of a pipeline: the handler, with what turns bytes into the values that it takes
 * and the values that it gives into bytes.
 */
public record UserCode<I>(Handler<I> handler, InputCodec<I> input, OutputCodec output) {}
