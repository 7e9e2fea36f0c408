package com.example.weblogs

import io.exactlyonce.kit.HandlerKit
import spock.lang.Specification

class WeblogHandlerSpec extends Specification {

  static final LINE = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'

  def kit = HandlerKit.of(new WeblogHandler(), 'accesses')

  def "a line becomes an access, keyed by host"() {
    when:
    def decided = kit.given('l-1', null, LINE)

    then:
    decided.records('accesses')*.key() == ['127.0.0.1']
    decided.outputs('accesses') == [
        new Access('127.0.0.1', 'frank', '2000-10-10T20:55:36Z', 'GET', '/apache_pb.gif', 'HTTP/1.0', 200, 2326)]
  }

  def "in #line the #field is #value"() {
    expect:
    kit.given('l-1', null, line).outputs('accesses')[0]."$field" == value

    where:
    line                                                      | field      || value
    LINE.replace('frank', '-')                                | 'user'     || null
    LINE.replace('127.0.0.1', '2001:db8::1')                  | 'host'     || '2001:db8::1'
    LINE.replace(' 2326', ' -')                               | 'bytes'    || 0
    LINE.replace(' 2326', ' 999999999999999999')              | 'bytes'    || 999_999_999_999_999_999
    LINE.replace('/apache_pb.gif', '/a?q=\\"b\\"&c=[d]')      | 'path'     || '/a?q=\\"b\\"&c=[d]'
    LINE.replace('HTTP/1.0', 'HTTP/2')                        | 'protocol' || 'HTTP/2'
    LINE.replace('-0700', '+0530')                            | 'time'     || '2000-10-10T08:25:36Z'
  }

  def "#line is refused: #reason"() {
    when:
    def letter = kit.given('l-1', null, line).deadLetter()

    then:
    letter == "log line refused: $reason"
    !letter.contains('secret')

    where:
    line                                                  || reason
    ''                                                    || 'the line ends at host'
    'secret'                                              || 'the line ends at host'
    ' ' + LINE                                            || 'host is empty'
    LINE.replace('frank', '')                             || 'user is empty'
    LINE.replace('- frank', 'frank')                      || 'time does not begin with ['
    LINE.replace('frank', 'secret secret')                || 'time does not begin with ['
    LINE.replace(' [', ' secret[')                        || 'time does not begin with ['
    LINE.replace(']', '')                                 || 'time does not end with ] and a blank'
    LINE.replace('] ', ']')                               || 'time does not end with ] and a blank'
    LINE.replace('Oct', 'secret')                         || 'time is not like 10/Oct/2000:13:55:36 -0700'
    LINE.replace('10/Oct', '31/Feb')                      || 'time is not like 10/Oct/2000:13:55:36 -0700'
    LINE.replace('13:55', '25:55')                        || 'time is not like 10/Oct/2000:13:55:36 -0700'
    LINE.replace(' -0700', '')                            || 'time is not like 10/Oct/2000:13:55:36 -0700'
    LINE.replace('"GET', 'GET')                           || 'request does not begin with "'
    LINE.replace('1.0"', '1.0')                           || 'request does not end with " and a blank'
    LINE.replace('1.0"', '1.0\\"')                        || 'request does not end with " and a blank'
    LINE.replace('1.0" 200 2326', '1.0\\')                || 'request does not end with " and a blank'
    LINE.replace('/apache_pb.gif', '/secret secret')      || 'request is not method, path and protocol'
    LINE.replace('GET /apache_pb.gif HTTP/1.0', '-')      || 'request is not method, path and protocol'
    LINE.replace('GET', 'secret')                         || 'method is not in capital letters'
    LINE.replace('GET /apache_pb.gif ', 'GET  ')          || 'path is empty'
    LINE.replace('HTTP/1.0', 'secret')                    || 'protocol is not HTTP'
    LINE.replace(' 200', ' secret')                       || 'status is not from 100 to 599'
    LINE.replace(' 200', ' 600')                          || 'status is not from 100 to 599'
    LINE.replace(' 200', ' 2000')                         || 'status is not from 100 to 599'
    LINE.replace(' 2326', '')                             || 'the line ends at status'
    LINE.replace(' 2326', ' ')                            || 'bytes is neither a number nor -, at the end'
    LINE.replace(' 2326', ' -1')                          || 'bytes is neither a number nor -, at the end'
    LINE.replace(' 2326', ' 1000000000000000000')         || 'bytes is neither a number nor -, at the end'
    LINE + ' "http://secret/" "secret"'                   || 'bytes is neither a number nor -, at the end'
  }
}
