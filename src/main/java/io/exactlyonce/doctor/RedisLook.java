package io.exactlyonce.doctor;

import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.guard.redis.ServerFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Checks the Redis that holds a pipeline's claims. */
final class RedisLook {
  /**
   * Share of {@code maxmemory} from which on a finding warns: there may soon be no room for claims.
   */
  private static final double NEARLY_FULL = 0.9;

  private static final double MIB = 1024.0 * 1024.0;

  private final String address;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param address for findings, without a password
   */
  RedisLook(String address) {
    this.address = "Redis at " + address;
  }

  List<Finding> run(Supplier<ServerFacts> asked) {
    try {
      judge(asked.get());
    } catch (ServerFacts.RefusedException e) {
      findings.add(
          Finding.fail(
              "redis",
              address,
              "refuses: " + e.getMessage(),
              "correct user and password in redis.uri, or allow the user the commands that the"
                  + " manual lists under Least rights in Redis"));
    } catch (GuardUnavailableException e) {
      findings.add(
          Finding.unknown(
              "redis",
              address,
              "does not answer: " + e.getMessage(),
              "start it, or correct REDIS_URI (redis.uri); the pipeline waits for it"));
    }
    return findings;
  }

  private void judge(ServerFacts facts) {
    findings.add(Finding.ok("versions", address, facts.version()));
    clock(facts);
    findings.add(
        facts.mayEvict()
            ? Finding.fail(
                "redis",
                address + " maxmemory-policy",
                facts.eviction(),
                "an evicted claim lets a duplicate through, so the pipeline does not start; set it"
                    + " with: redis-cli CONFIG SET maxmemory-policy noeviction, and in redis.conf")
            : Finding.ok("redis", address + " maxmemory-policy", facts.eviction()));
    if (!facts.isPrimary()) {
      findings.add(
          Finding.fail(
              "redis",
              address + " role",
              "replica",
              "it cannot be written to; name the primary, its sentinels or the cluster"));
    }
    memory(facts);
    persistence(facts);
    findings.add(
        Finding.ok(
            "redis",
            address + " claims",
            facts.claims().isEmpty()
                ? "none complete for this group; an instance that starts rebuilds them from the log"
                : "complete, of generation " + facts.claims()));
  }

  private void clock(ServerFacts facts) {
    String where = "clock of " + address;
    String text = ClusterLook.apart(facts.clockAhead());
    if (facts.clockAhead().abs().compareTo(ServerFacts.MAX_APART) > 0) {
      findings.add(
          Finding.fail(
              "clock",
              where,
              text,
              "claims are kept by Redis' clock: guard.window is not what it says; correct the one"
                  + " that is wrong, with NTP"));
    } else if (facts.clockAhead().abs().compareTo(ClusterLook.APART) > 0) {
      findings.add(
          Finding.warn(
              "clock",
              where,
              text,
              "above "
                  + ServerFacts.MAX_APART.toSeconds()
                  + " s claims would be forgotten too early; correct the one that is wrong, with"
                  + " NTP"));
    } else {
      findings.add(Finding.ok("clock", where, text));
    }
  }

  private void memory(ServerFacts facts) {
    String where = address + " memory";
    String used = String.format(Locale.ROOT, "%.0f MiB used", facts.usedBytes() / MIB);
    if (facts.maxBytes() == 0) {
      findings.add(Finding.ok("redis", where, used + ", maxmemory is not limited"));
      return;
    }
    String text = used + String.format(Locale.ROOT, " of %.0f MiB", facts.maxBytes() / MIB);
    findings.add(
        facts.usedBytes() < NEARLY_FULL * facts.maxBytes()
            ? Finding.ok("redis", where, text)
            : Finding.warn(
                "redis",
                where,
                text,
                "when it is full claims are refused and the pipeline waits; raise maxmemory, or"
                    + " lower guard.window"));
  }

  private void persistence(ServerFacts facts) {
    String where = address + " persistence";
    if (!facts.lastAppend().equals("ok") && facts.appendsToFile()) {
      findings.add(
          Finding.fail(
              "redis",
              where,
              "the last write to the append-only file failed",
              "Redis refuses writes until it can write there again; look at its disk and its log"));
    } else if (!facts.lastSave().equals("ok")) {
      findings.add(
          Finding.warn(
              "redis",
              where,
              "the last snapshot failed",
              "with stop-writes-on-bgsave-error Redis refuses writes; look at its disk and its"
                  + " log"));
    } else {
      findings.add(
          Finding.ok(
              "redis",
              where,
              facts.appendsToFile()
                  ? "append-only file"
                  : "no append-only file: after a restart claims are rebuilt from the log, and"
                      + " results of effects().once may be lost"));
    }
  }
}
