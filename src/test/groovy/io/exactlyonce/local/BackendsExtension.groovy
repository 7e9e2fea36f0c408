package io.exactlyonce.local

import groovy.transform.CompileStatic
import org.spockframework.runtime.extension.IGlobalExtension
import org.spockframework.runtime.model.SpecInfo

/**
 * One Kafka and one Redis for all the specs of a run: started before the first spec that asks for
 * them, which a run of unit specs never does, and stopped when the run ends.
 */
@CompileStatic
class BackendsExtension implements IGlobalExtension {

  private Backends backends

  @Override
  void visitSpec(SpecInfo spec) {
    // At the base class, so that the fields and the setupSpec() of the spec itself find them there.
    SpecInfo base = spec.specsTopToBottom.find { it.reflection == BackendsSpec }
    base?.addSharedInitializerInterceptor { invocation ->
      invocation.proceed()
      ((BackendsSpec) invocation.sharedInstance).use(started())
    }
  }

  @Override
  synchronized void stop() {
    backends?.close()
    backends = null
  }

  private synchronized Backends started() {
    backends = backends ?: Backends.start()
  }
}
