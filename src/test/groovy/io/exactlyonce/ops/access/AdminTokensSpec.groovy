package io.exactlyonce.ops.access

import io.exactlyonce.config.ConfigurationException
import spock.lang.Specification

class AdminTokensSpec extends Specification {

  def "a token tells who sent it: #sent is #name"() {
    expect:
    new AdminTokens(tokens).nameOf(sent).orElse(null) == name

    where:
    tokens                                    | sent                      || name
    '0123456789abcdef'                        | 'Bearer 0123456789abcdef' || 'admin'
    'ann:0123456789abcdef'                    | 'Bearer 0123456789abcdef' || 'ann'
    'ann:0123456789abcdef,ben:fedcba9876543210' | 'Bearer fedcba9876543210' || 'ben'
    ' ann : 0123456789abcdef , ben:fedcba9876543210 ' | 'bearer  0123456789abcdef ' || 'ann'
    'ann:0123456789abcdef'                    | 'Bearer ann:0123456789abcdef' || null
    'ann:0123456789abcdef'                    | 'Bearer '                 || null
    'ann:0123456789abcdef'                    | '0123456789abcdef'        || null
    'ann:0123456789abcdef'                    | null                      || null
  }

  def "without a token nobody may: #what"() {
    expect:
    new AdminTokens(tokens).empty
    new AdminTokens(tokens).nameOf('Bearer ').empty

    where:
    what    | tokens
    'unset' | null
    'empty' | ''
    'blank' | ' '
  }

  def "tokens that cannot serve end the start, and are not shown: #why"() {
    when:
    new AdminTokens(tokens)

    then:
    def wrong = thrown(ConfigurationException)
    wrong.message.startsWith('PIPELINE_ADMIN_TOKEN = (not shown): ')
    wrong.message.contains(why)
    !wrong.message.contains('secret')

    where:
    tokens                                        || why
    'secret'                                      || 'less than 16 characters'
    'ann:secret'                                  || 'the token of ann has less than 16'
    'ann:secret-0123456789,'                      || 'the token of admin is empty'
    'a b:secret-0123456789'                       || 'a name in it'
    'ann:secret-0123456789,ann:secret-9876543210' || 'ann is in it twice'
    'secret with spaces in it'                    || 'has a character'
  }
}
