package io.exactlyonce.engine.start;

/** Takes what the checks find: a start ends at the first refusal, a look goes on behind it. */
interface StartFindings {
  /** With this the pipeline cannot work; somebody has to change it. */
  void refuse(StartWarning concern);

  /** With this it works, but not well, or not for long. */
  void warn(StartWarning concern);
}
