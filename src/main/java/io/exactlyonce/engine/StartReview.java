package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.start.StartLook;
import io.exactlyonce.engine.status.StartIssue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** Makes a pipeline's start checks without starting it: lists all findings and creates nothing. */
public final class StartReview {
  private StartReview() {}

  /**
   * @param admin client with the pipeline's principal
   * @param timeout of each request to the brokers
   * @throws ExecutionException where a request fails for another reason than a denied permission
   * @throws TimeoutException where a request has no answer in time
   */
  public static List<StartIssue> of(PipelineConfig config, Admin admin, Duration timeout)
      throws ExecutionException, TimeoutException, InterruptedException {
    return new StartLook(config, admin, timeout).run();
  }
}
