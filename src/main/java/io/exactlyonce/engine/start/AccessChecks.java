package io.exactlyonce.engine.start;

import static java.util.Objects.requireNonNull;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.Delivery;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.guard.claimlog.KafkaClaimLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Checks the rights (ACLs) that this instance needs on its topics, its consumer group and its
 * transactional ids. A right that is missing refuses the start, since it would end a worker at the
 * first record that needs it. A broker without an authorizer allows everything.
 */
record AccessChecks(PipelineConfig config, ClusterView cluster, StartFindings findings) {

  /** Reports each denied operation as a refusal, with the command that allows it. */
  void run() throws ExecutionException, TimeoutException, InterruptedException {
    Map<String, Set<AclOperation>> needed = needed();
    for (var described : cluster.topics(needed.keySet()).entrySet()) {
      checkTopic(
          described.getKey(), requireNonNull(needed.get(described.getKey())), described.getValue());
    }
    checkGroup();
    checkTransactionalIds();
  }

  /** The operations that the pipeline needs, by topic. */
  private Map<String, Set<AclOperation>> needed() {
    Map<String, Set<AclOperation>> needed = new LinkedHashMap<>();
    config.source().forEach(topic -> needed.put(topic, Set.of(READ)));
    config.sinks().forEach(topic -> needed.put(topic, Set.of(WRITE)));
    config.retry().topics().stream()
        .map(RetryTopic::name)
        .forEach(topic -> needed.put(topic, Set.of(READ, WRITE, DESCRIBE_CONFIGS)));
    needed.put(config.deadLetters(), Set.of(WRITE, DESCRIBE_CONFIGS));
    boolean rebuilds = config.guard().store() != GuardChoice.OFF;
    needed.put(
        config.receipts(),
        rebuilds ? Set.of(READ, WRITE, DESCRIBE_CONFIGS) : Set.of(WRITE, DESCRIBE_CONFIGS));
    return needed;
  }

  private void checkTopic(
      String topic, Set<AclOperation> needed, KafkaFuture<TopicDescription> description)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      Set<AclOperation> allowed = cluster.get(description).authorizedOperations();
      refuse("--topic", topic, missing(needed, allowed));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicAuthorizationException) {
        // Without DESCRIBE the broker hides the topic, and so what else is allowed.
        refuse("--topic", topic, new TreeSet<>(needed));
      } else if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw e;
      }
    }
  }

  /** Checks READ on the group; of one that does not exist brokers report no operations. */
  private void checkGroup() throws ExecutionException, TimeoutException, InterruptedException {
    String group = config.group();
    try {
      Set<AclOperation> allowed =
          cluster
              .get(
                  requireNonNull(
                      cluster
                          .admin()
                          .describeConsumerGroups(
                              List.of(group),
                              new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
                          .describedGroups()
                          .get(group)))
              .authorizedOperations();
      refuse("--group", group, missing(Set.of(READ), allowed));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupAuthorizationException) {
        refuse("--group", group, Set.of(READ));
      } else if (!(e.getCause() instanceof GroupIdNotFoundException)) {
        throw e;
      }
    }
  }

  /**
   * Checks DESCRIBE on each transactional id. Brokers do not report whether WRITE is allowed; but
   * WRITE implies DESCRIBE, so where DESCRIBE is denied WRITE is not allowed either.
   */
  private void checkTransactionalIds()
      throws ExecutionException, TimeoutException, InterruptedException {
    List<String> ids = transactionalIds();
    var described = cluster.admin().describeTransactions(ids);
    for (String id : ids) {
      try {
        cluster.get(described.description(id));
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TransactionalIdAuthorizationException) {
          refuse("--transactional-id", id, Set.of(DESCRIBE, WRITE));
        } else if (!(e.getCause() instanceof TransactionalIdNotFoundException)) {
          throw e;
        }
      }
    }
  }

  private List<String> transactionalIds() {
    List<String> ids = new ArrayList<>();
    if (config.delivery() == Delivery.EXACTLY_ONCE) {
      for (int worker = 0; worker < config.workers(); worker++) {
        ids.add(config.transactionalId(worker, "a"));
        ids.add(config.transactionalId(worker, "b"));
      }
    }
    if (config.guard().store() != GuardChoice.OFF) {
      ids.add(KafkaClaimLog.announcerId(config.group()));
    }
    return ids;
  }

  /** The needed operations that are not allowed; none where the broker does not report rights. */
  private static Set<AclOperation> missing(
      Set<AclOperation> needed, @Nullable Set<AclOperation> allowed) {
    Set<AclOperation> missing = new TreeSet<>(needed);
    missing.removeAll(allowed == null ? needed : allowed);
    return missing;
  }

  private void refuse(String option, String name, Set<AclOperation> denied) {
    if (!denied.isEmpty()) {
      findings.refuse(
          new StartWarning(
              option.substring(2) + " " + name,
              "denied " + new TreeSet<>(denied),
              "allow this instance's principal with: kafka-acls.sh --add --allow-principal User:NAME "
                  + option
                  + " "
                  + name
                  + " --operation "
                  + String.join(
                      " --operation ", new TreeSet<>(denied).stream().map(Enum::name).toList())));
    }
  }
}
