package io.exactlyonce.engine;

import io.exactlyonce.config.ConfigurationException;

/** Is told of a pipeline that cannot run as it is configured. */
@FunctionalInterface
public interface Misconfigured {
  /**
   * @param why names the setting and the remedy
   * @param atStart whether its first look at the backends found it; else that was after it had
   *     waited for one of them, when the pipelines beside it may have run for long
   */
  void accept(ConfigurationException why, boolean atStart);
}
