package io.exactlyonce.engine.worker;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.handling.RecordProcessor;
import io.exactlyonce.engine.spi.PipelineClients;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.engine.topic.TopicLimits;
import java.time.Clock;

/** What all workers of a pipeline share while its admin client lives. */
public record PipelineParts(
    PipelineConfig config,
    PipelineClients clients,
    RecordProcessor<?> processor,
    TopicIds topicIds,
    PipelineCounters counters,
    TopicLimits limits,
    Clock clock) {}
