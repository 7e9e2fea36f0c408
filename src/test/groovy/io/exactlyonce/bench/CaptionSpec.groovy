package io.exactlyonce.bench

import spock.lang.Specification

import java.time.LocalDate

class CaptionSpec extends Specification {

  static final LocalDate DAY = LocalDate.of(2026, 11, 28)

  def "a table's caption has the day, the machine and the command that makes the table"() {
    given:
    def options = [rounds: '3', jvm: '-XX:+UseZGC -Xmx1g', only: 'plain-loop,ours-guarded', workloads: 'guarded,latency',
                   'user.dir': '/somewhere', 'at-least': 'ours-guarded:0.1'] as Properties

    expect:
    new Caption(DAY, '2 cores', options).of('guarded') == '''
On 2026-11-28, on 2 cores:

```sh
mvn -Pbench -Dworkloads=guarded -Donly=plain-loop,ours-guarded -Drounds=3 "-Djvm=-XX:+UseZGC -Xmx1g"
```
'''
  }
}
