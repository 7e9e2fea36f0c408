package io.exactlyonce.config

import spock.lang.Specification

/** What a client says of its settings is repeated without the values that are secret. */
class SecretsSpec extends Specification {

  def "#key's value is left out of a message: #value"() {
    expect:
    new Secrets([(key): value]).hide(said) == safe

    where:
    key                             | value                                          | said                        || safe
    'kafka.sasl.jaas.config'        | 'x.Module required password="hunter22" u=ann;' | 'near hunter22, ann, x'     || 'near ***, ***, x'
    'kafka.ssl.keystore.password'   | 'hunter22'                                     | 'bad hunter22'              || 'bad ***'
    'kafka.ssl.keystore.key'        | '-----BEGIN KEY-----\nMIIabc\n'                | 'after MIIabc'              || 'after ***'
    'redis.uri'                     | 'redis://ann:hunter22 @h:1'                    | 'in redis://ann:hunter22 @h:1' || 'in ***'
    'redis.uri'                     | 'redis://ann:hunter22@h:1'                     | 'hunter22 at h:1'           || '*** at h:1'
    'pipeline.alert.webhook'        | 'https://h/hunter22'                           | 'to https://h/hunter22'     || 'to ***'
    'kafka.bootstrap.servers'       | 'h:9092'                                       | 'h:9092 is away'            || 'h:9092 is away'
  }
}
