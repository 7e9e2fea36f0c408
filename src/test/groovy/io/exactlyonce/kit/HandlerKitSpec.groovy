package io.exactlyonce.kit

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import spock.lang.Specification

class HandlerKitSpec extends Specification {

  def "what the handler decided can be asked for"() {
    expect:
    with(kit { Outcome.emit(Output.to('a', 'k', 1), Output.to('b', 'k', 2), Output.to('a', null, 3)) }.given('e', 'k', 'v')) {
      outputs('a') == [1, 3]
      outputs('b') == [2]
      outputs('c') == []
      records('a')*.key() == ['k', null]
      deadLetter() == null
      skip() == null
    }
    kit { Outcome.deadLetter('no') }.given('e', 'k', 'v').deadLetter() == 'no'
    kit { Outcome.skip('why') }.given('e', 'k', 'v').skip() == 'why'
    kit { Outcome.skip(it.value()) }.givenJson('e', 'k', String, '"text"').skip() == 'text'
  }

  def "a handler that #what is failed"() {
    when:
    kit(handler).given('e', 'k', 'v')

    then:
    def e = thrown(AssertionError)
    e.message.contains(says)

    where:
    what                           | handler                                                            || says
    'decides otherwise at a rerun' | { Outcome.emit(Output.to('a', 'k', UUID.randomUUID().toString())) } || 'second run'
    'writes to no sink'            | { Outcome.emit(Output.to('z', 'k', 1)) }                           || 'z, which is not a sink'
    'emits what is no JSON'        | { Outcome.emit(Output.to('a', 'k', new Object() {})) }             || 'cannot be written as JSON'
  }

  private static HandlerKit<String> kit(Closure<Outcome> handler) {
    HandlerKit.of(handler as Handler<String>, 'a', 'b')
  }
}
