package io.exactlyonce.wiring;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/**
 * Name of this host in DNS, found by its address. In Docker it is the container's name, such as
 * pipeline-app-2, which Compose gives to the next container in its place too, while HOSTNAME
 * differs in each. {@link InetAddress} does not find it, since /etc/hosts, which it reads first,
 * has the HOSTNAME.
 */
final class ReverseDns {
  private static final String TIMEOUT_MS = "500";
  private static final String ATTEMPTS = "4";

  private ReverseDns() {}

  /** The first label of the name, or nothing where DNS has none for any of the addresses. */
  static Optional<String> name() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
          .flatMap(address -> lookup(address).stream())
          .findFirst();
    } catch (SocketException e) {
      return Optional.empty();
    }
  }

  // BanJNDI: only a record is read from this machine's name servers, no object. JdkObsolete: JNDI
  // takes no other table.
  @SuppressWarnings({"BanJNDI", "JdkObsolete"})
  private static Optional<String> lookup(InetAddress address) {
    Hashtable<String, String> settings = new Hashtable<>();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    settings.put("com.sun.jndi.dns.timeout.initial", TIMEOUT_MS);
    settings.put("com.sun.jndi.dns.timeout.retries", ATTEMPTS);
    try {
      InitialDirContext dns = new InitialDirContext(settings);
      try {
        Attribute names = dns.getAttributes(question(address), new String[] {"PTR"}).get("PTR");
        return names == null ? Optional.empty() : Optional.of(firstLabel(names.get().toString()));
      } finally {
        dns.close();
      }
    } catch (NamingException e) {
      // No name server, no such name, or no answer in time.
      return Optional.empty();
    }
  }

  static String question(InetAddress address) {
    byte[] b = address.getAddress();
    List<Integer> reversed = List.of(b[3] & 255, b[2] & 255, b[1] & 255, b[0] & 255);
    return "%d.%d.%d.%d.in-addr.arpa".formatted(reversed.toArray());
  }

  static String firstLabel(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
