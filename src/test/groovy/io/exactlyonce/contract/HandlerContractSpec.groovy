package io.exactlyonce.contract

import com.tngtech.archunit.core.importer.ClassFileImporter
import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.engine.spi.OutputCodec
import io.exactlyonce.handler.Handler
import io.exactlyonce.wiring.BuiltPipeline
import io.exactlyonce.wiring.PipelineBuilder
import spock.lang.Shared
import spock.lang.Specification

import java.lang.reflect.Member
import java.lang.reflect.Modifier

/** What a user's code calls and implements: the handler's package, and what starts a pipeline without Micronaut. */
class HandlerContractSpec extends Specification {

  @Shared
  Contract contract = new Contract('handler')

  @Shared
  List<String> now = (handlers() + [PipelineBuilder, BuiltPipeline, InputCodec, OutputCodec]).collectMany { signatures(it) }

  def "every signature that was promised is still there"() {
    expect: 'else a handler that compiled no longer does'
    contract.broken(now) == []
  }

  def "every signature is promised"() {
    expect: "else: mvn test -Dtest='*ContractSpec' -Dcontracts.write=true"
    contract.unwritten(now) == []
  }

  private static List<Class<?>> handlers() {
    new ClassFileImporter().importPackages(Handler.packageName).findAll { it.packageName == Handler.packageName }*.reflect()
        .findAll { Modifier.isPublic(it.modifiers) }
  }

  /** Its own line has what a subtype has to have: more of that is a break, as less of the rest is. */
  private static List<String> signatures(Class<?> type) {
    def members = (type.declaredMethods.toList() + type.declaredConstructors.toList()).findAll { isPromised(type, it) }
    def toImplement = type.interface ? members.findAll { Modifier.isAbstract(it.modifiers) }*.name.toSorted() : []
    def subtypes = type.sealed ? type.permittedSubclasses*.simpleName.toSorted() : []
    [header(type) + (toImplement ? " to implement: ${toImplement.join(', ')}" : '') + (subtypes ? " is one of: ${subtypes.join(', ')}" : '')] +
        members*.toGenericString() + (type.enum ? type.enumConstants.collect { "$type.name.$it" } : []) +
        (type.record ? ["$type.name of: ${type.recordComponents*.name.join(', ')}".toString()] : [])
  }

  /** Without what only newer JDKs say of a type; the subtypes are listed on any. */
  private static String header(Class<?> type) {
    type.toGenericString().replaceAll(/\b(non-)?sealed /, '')
  }

  private static boolean isPromised(Class<?> type, Member member) {
    !member.synthetic && (Modifier.isPublic(member.modifiers) || Modifier.isProtected(member.modifiers)) &&
        !(type.record && member.name in ['toString', 'hashCode', 'equals'])
  }
}
