package io.exactlyonce

import com.google.gson.JsonParser
import groovy.json.JsonOutput
import io.exactlyonce.config.PipelineConfig
import io.kubernetes.client.openapi.models.V1ConfigMap
import io.kubernetes.client.openapi.models.V1NetworkPolicy
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget
import io.kubernetes.client.openapi.models.V1Service
import io.kubernetes.client.openapi.models.V1StatefulSet
import org.yaml.snakeyaml.Yaml
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** The manifests are what Kubernetes' own schema takes, and fit each other and the application. */
class KubernetesSpec extends Specification {

  static final Map<String, Class> KINDS = [
      ConfigMap: V1ConfigMap, StatefulSet: V1StatefulSet, Service: V1Service, PodDisruptionBudget: V1PodDisruptionBudget,
      NetworkPolicy: V1NetworkPolicy]

  @Shared
  List<Map> manifests = Path.of('docker', 'kubernetes').toFile().listFiles().findAll { it.file }
      .collectMany { new Yaml().loadAll(Files.readString(it.toPath())).toList() }

  def "there is one of each kind that is needed"() {
    expect:
    manifests*.kind.toSet() == KINDS.keySet()
  }

  def "the #manifest.kind #manifest.metadata.name has all that the schema requires, and nothing that it does not know"() {
    when:
    validate(manifest)

    then:
    noExceptionThrown()

    where:
    manifest << manifests
  }

  def "a mistyped field is found, however deep"() {
    given:
    def copy = new Yaml().load(new Yaml().dump(only('StatefulSet'))) as Map
    copy.spec.template.spec.containers[0].readinesProbe = [:]

    when:
    validate(copy)

    then:
    thrown(IllegalArgumentException)
  }

  def "a pod is given longer to stop than the application takes"() {
    given:
    def stop = PipelineConfig.parse('pay', [source: 'in'], 'a').stopTimeout()

    expect:
    pod().terminationGracePeriodSeconds > stop.toSeconds() + 5
  }

  def "an instance is named by its pod, and no secret is in a file"() {
    given:
    def env = pod().containers[0].env.collectEntries { [it.name, it.valueFrom] }

    expect:
    env.PIPELINE_INSTANCE_ID == [fieldRef: [fieldPath: 'metadata.name']]
    env.REDIS_URI.secretKeyRef
    env.PIPELINE_ADMIN_TOKEN.secretKeyRef
    env.PIPELINE_ALERT_WEBHOOK.secretKeyRef
  }

  def "all select the same pods"() {
    given:
    def labels = only('StatefulSet').spec.template.metadata.labels

    expect:
    manifests.findAll { it.kind == 'Service' }*.spec.selector.every { it == labels }
    only('PodDisruptionBudget').spec.selector.matchLabels == labels
    only('NetworkPolicy').spec.podSelector.matchLabels == labels
    only('StatefulSet').spec.selector.matchLabels == labels
    only('StatefulSet').spec.serviceName == manifests.find { it.spec?.clusterIP == 'None' }.metadata.name
  }

  def "the network lets nobody in whom the policy does not name, and the instance out to brokers, Redis and DNS alone"() {
    given:
    def policy = only('NetworkPolicy').spec

    expect:
    policy.policyTypes == ['Ingress', 'Egress']
    policy.ingress.every { it.from && it.ports*.port == ['http'] }
    policy.egress.every { it.ports }
    policy.egress.collectMany { it.ports*.port }.toSet() == [9092, 9093, 6379, 53] as Set
  }

  def "requests are taken by instances whose pipelines wait too: Kafka takes payments, and Redis need not answer"() {
    expect:
    manifests.find { it.kind == 'Service' && it.spec.clusterIP != 'None' }.spec.publishNotReadyAddresses == true
  }

  def "an instance knows itself by the name of the service that clients call"() {
    expect:
    manifests.find { it.kind == 'Service' && it.spec.clusterIP != 'None' }.metadata.name in
        only('ConfigMap').data.PIPELINE_ADMIN_HOSTS.tokenize(',')
  }

  def "KEDA scales the StatefulSet by a metric that is exported, not above a topic's partitions, and without haste"() {
    given:
    def scaled = new Yaml().load(Files.readString(Path.of('docker/kubernetes/keda/scaledobject.yml'))).spec as Map
    def metrics = (scaled.triggers[0].metadata.query =~ /pipeline_\w+/).collect { it }
    def exported = Files.readString(Path.of('src/site/markdown/operating.md'))
    def behavior = scaled.advanced.horizontalPodAutoscalerConfig.behavior

    expect: 'PipelineMetricsSpec holds the manual to what is exported'
    metrics
    metrics.every { exported.contains("`$it`") }
    scaled.scaleTargetRef.name == only('StatefulSet').metadata.name
    scaled.maxReplicaCount <= PipelineConfig.parse('pay', [source: 'in'], 'a').topics().partitions()
    behavior.scaleUp.stabilizationWindowSeconds >= 60
    behavior.scaleDown.stabilizationWindowSeconds >= 600
  }

  private static void validate(Map manifest) {
    KINDS[manifest.kind].validateJsonElement(JsonParser.parseString(JsonOutput.toJson(manifest)))
  }

  private Map only(String kind) {
    manifests.find { it.kind == kind }
  }

  private Map pod() {
    only('StatefulSet').spec.template.spec as Map
  }
}
