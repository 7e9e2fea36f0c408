package io.exactlyonce.config

import spock.lang.Specification

/** A pipeline's configuration that is parsed from its settings. */
abstract class ParsedConfig extends Specification {

  static final REQUIRED = [source: 'in']

  static PipelineConfig parse(Map<String, String> settings) {
    PipelineConfig.parse('p', settings, 'host-1')
  }

  static String complaint(Map<String, String> settings) {
    try {
      parse(settings)
      return 'none'
    } catch (ConfigurationException e) {
      return e.message
    }
  }
}
