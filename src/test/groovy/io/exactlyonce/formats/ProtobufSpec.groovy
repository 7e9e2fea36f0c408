package io.exactlyonce.formats

import com.google.protobuf.DescriptorProtos.FieldDescriptorProto
import com.google.protobuf.Descriptors
import com.google.protobuf.DynamicMessage
import com.google.type.Money
import com.google.type.MoneyProto
import io.apicurio.registry.serde.protobuf.ProtobufKafkaDeserializer
import io.apicurio.registry.serde.protobuf.ProtobufKafkaSerializer
import org.apache.kafka.common.serialization.Deserializer
import org.apache.kafka.common.serialization.Serializer

/** The manual's handler of Protobuf messages, with Apicurio's serializers and a class that protoc made. */
class ProtobufSpec extends RegistrySpec {

  String pipeline = 'relayed-protobuf'
  String sink = 'settlements'
  Map<String, String> format = [
    'value-deserializer'                                             : ProtobufKafkaDeserializer.name,
    'value-serializer'                                               : ProtobufKafkaSerializer.name,
    'consumer.apicurio.registry.deserializer.value.return-class'     : Money.name]

  @Override
  Serializer<Object> newSerializer() {
    new ProtobufKafkaSerializer()
  }

  @Override
  Deserializer<Object> newDeserializer() {
    new ProtobufKafkaDeserializer()
  }

  @Override
  Object message(int number) {
    Money.newBuilder().setCurrencyCode('EUR').setUnits(number).build()
  }

  @Override
  Object laterMessage(int number) {
    later(number)
  }

  static Object later(int number) {
    def file = MoneyProto.descriptor.toProto().toBuilder()
    file.getMessageTypeBuilder(0).addField(FieldDescriptorProto.newBuilder().setName('note').setNumber(9)
        .setType(FieldDescriptorProto.Type.TYPE_STRING).setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL))
    def type = Descriptors.FileDescriptor.buildFrom(file.build(), [] as Descriptors.FileDescriptor[]).findMessageTypeByName('Money')
    DynamicMessage.newBuilder(type)
        .setField(type.findFieldByName('units'), number as long).setField(type.findFieldByName('note'), 'more').build()
  }

  @Override
  int numberOf(Object output) {
    output.getField(output.descriptorForType.findFieldByName('units'))
  }
}
