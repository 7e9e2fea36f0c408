package io.exactlyonce.engine.start;

/** Receives findings: {@link StartChecks} throws the first refusal, {@link StartLook} lists all. */
interface StartFindings {
  /** Reports that the pipeline cannot work until something is changed. */
  void refuse(StartWarning concern);

  /** Reports that the pipeline works, but not well or not for long. */
  void warn(StartWarning concern);
}
