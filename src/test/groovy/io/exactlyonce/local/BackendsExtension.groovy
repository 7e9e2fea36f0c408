package io.exactlyonce.local

import groovy.transform.CompileStatic
import org.spockframework.runtime.extension.IGlobalExtension
import org.spockframework.runtime.model.SpecInfo

/**
 * One Kafka and one Redis for all the specs of a JVM: started before the first spec that asks for
 * them, which a run of unit specs never does. They end with the JVM.
 */
@CompileStatic
class BackendsExtension implements IGlobalExtension {

  /**
   * Static, because an extension is made anew for each spec class where Surefire forks more than
   * one JVM: it hands them the classes one by one, as runs of their own. A broker for each class
   * took a tenth of the suite's CPU time.
   */
  private static Backends backends

  @Override
  void visitSpec(SpecInfo spec) {
    // At the base class, so that the fields and the setupSpec() of the spec itself find them there.
    SpecInfo base = spec.specsTopToBottom.find { it.reflection == BackendsSpec }
    base?.addSharedInitializerInterceptor { invocation ->
      invocation.proceed()
      ((BackendsSpec) invocation.sharedInstance).use(started())
    }
  }

  private static synchronized Backends started() {
    if (backends == null) {
      backends = Backends.start()
      Runtime.runtime.addShutdownHook(new Thread({ backends.close() }))
    }
    backends
  }
}
