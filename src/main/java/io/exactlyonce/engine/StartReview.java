package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.start.StartLook;
import io.exactlyonce.engine.status.StartIssue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** What a start of a pipeline would be refused or warned for, without starting or creating it. */
public final class StartReview {
  private StartReview() {}

  /**
   * @param admin asks as the pipeline's principal
   * @param timeout of each question
   * @throws ExecutionException where a broker fails other than by denying something
   * @throws TimeoutException where none answers
   */
  public static List<StartIssue> of(PipelineConfig config, Admin admin, Duration timeout)
      throws ExecutionException, TimeoutException, InterruptedException {
    return new StartLook(config, admin, timeout).run();
  }
}
