package io.exactlyonce.engine;

import io.exactlyonce.config.ConfigurationException;

/** Callback for a pipeline that cannot run as it is configured. */
@FunctionalInterface
public interface Misconfigured {
  /**
   * Called on the pipeline's supervisor thread, before that ends.
   *
   * @param why names the setting and the remedy
   * @param atStart whether the first attempt of the start checks found it; false where the pipeline
   *     had waited for a backend or had run before, so that other pipelines of this process may
   *     have been running for long
   */
  void accept(ConfigurationException why, boolean atStart);
}
