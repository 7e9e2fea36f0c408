package io.exactlyonce.torture;

import java.util.Random;

/** Kind of fault, and the part that it breaks. A part has at most one fault at a time. */
enum Fault {
  INSTANCE_KILLED("kill -9 of an instance", Part.INSTANCE),
  INSTANCE_STOPPED_SHORT("SIGSTOP of an instance, shorter than the session", Part.INSTANCE),
  INSTANCE_STOPPED_LONG("SIGSTOP of an instance, longer than the session", Part.INSTANCE),
  INSTANCE_RESTARTED("SIGTERM of an instance, and started again", Part.INSTANCE),
  SCALED_UP_AND_DOWN("another instance comes and goes", Part.EXTRA_INSTANCE),
  BROKER_KILLED("kill -9 of a broker", Part.BROKERS),
  BROKER_STOPPED("SIGSTOP of a broker", Part.BROKERS),
  GROUP_COORDINATOR_KILLED("kill -9 of the group coordinator's broker", Part.BROKERS),
  GROUP_COORDINATOR_STOPPED("SIGSTOP of the group coordinator's broker", Part.BROKERS),
  TRANSACTION_COORDINATOR_KILLED("kill -9 of a transaction coordinator's broker", Part.BROKERS),
  TRANSACTION_COORDINATOR_STOPPED("SIGSTOP of a transaction coordinator's broker", Part.BROKERS),
  LEADERS_MOVED("leaders of the topics moved", Part.LEADERS),
  PARTITIONS_ADDED("partitions added to the source", Part.PARTITIONS),
  TRANSACTION_LEFT_OPEN("a transaction of the source's producer left open", Part.SOURCE),
  REDIS_FLUSHED("Redis emptied", Part.REDIS),
  REDIS_KILLED("kill -9 of Redis, which comes back empty", Part.REDIS),
  REDIS_STOPPED("SIGSTOP of Redis", Part.REDIS),
  REDIS_FULL("Redis out of memory", Part.REDIS),
  REDIS_READ_ONLY("Redis made a replica, which takes no writes", Part.REDIS),
  REDIS_CONNECTIONS_CUT("connections to Redis cut", Part.REDIS),
  REDIS_BLACK_HOLE("connections to Redis silent, both ways", Part.REDIS);

  /** Parts that can be broken, each by one fault at a time. */
  enum Part {
    INSTANCE,
    EXTRA_INSTANCE,
    BROKERS,
    LEADERS,
    PARTITIONS,
    SOURCE,
    REDIS
  }

  private final String text;
  private final Part part;

  Fault(String text, Part part) {
    this.text = text;
    this.part = part;
  }

  String text() {
    return text;
  }

  Part part() {
    return part;
  }

  static Fault draw(Random random) {
    return values()[random.nextInt(values().length)];
  }
}
