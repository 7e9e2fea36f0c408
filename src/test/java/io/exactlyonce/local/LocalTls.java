package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Certificate for 127.0.0.1 that no authority has signed, made by the JDK's keytool. */
public record LocalTls(Path home) {
  public static final String PASSWORD = "changeit";

  public static LocalTls create() {
    LocalTls tls = new LocalTls(LocalFiles.freshDirectory("tls"));
    tls.keytool(
        "-genkeypair -keyalg EC -alias redis -validity 30 -dname CN=127.0.0.1 -ext san=ip:127.0.0.1");
    tls.writePem();
    return tls;
  }

  /** The key store, which is a trust store as well: the certificate is its own issuer. */
  public Path trustStore() {
    return home.resolve("redis.p12");
  }

  /** Directives of a Redis with TLS on the given port, and without on its other one. */
  public Map<String, String> directives(int port) {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("tls-port", Integer.toString(port));
    lines.put("tls-cert-file", '"' + home.resolve("redis.crt").toString() + '"');
    lines.put("tls-ca-cert-file", '"' + home.resolve("redis.crt").toString() + '"');
    lines.put("tls-key-file", '"' + home.resolve("redis.key").toString() + '"');
    lines.put("tls-auth-clients", "no");
    return lines;
  }

  private void writePem() {
    try (var in = Files.newInputStream(trustStore())) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD.toCharArray());
      pem("redis.crt", "CERTIFICATE", store.getCertificate("redis").getEncoded());
      pem("redis.key", "PRIVATE KEY", store.getKey("redis", PASSWORD.toCharArray()).getEncoded());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key store that keytool made cannot be read", e);
    }
  }

  private void pem(String file, String what, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    LocalFiles.write(
        home.resolve(file),
        List.of("-----BEGIN " + what + "-----", text, "-----END " + what + "-----"));
  }

  private void keytool(String options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-keystore",
                trustStore().toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
    command.addAll(Arrays.asList(options.split(" ")));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(home.resolve("keytool.log").toFile())
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(LocalFiles.tail(home.resolve("keytool.log")));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a key was made", e);
    }
  }
}
