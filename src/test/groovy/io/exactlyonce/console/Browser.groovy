package io.exactlyonce.console

import groovy.json.JsonOutput
import groovy.json.JsonSlurper

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.TimeUnit

/** A real Chromium without a window, driven by Debian's chromedriver in the W3C's WebDriver protocol. */
class Browser implements Closeable {

  static final List<String> FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--window-size=1280,1600']

  final HttpClient http = HttpClient.newHttpClient()
  final Process driver
  final String base
  final String session

  static Path find(String program) {
    (System.getenv('PATH') ?: '').split(File.pathSeparator).collect { Path.of(it, program) }.find { Files.isExecutable(it) }
  }

  /** Whether there are a browser and its driver. */
  static boolean isThere() {
    find('chromedriver') && find('chromium')
  }

  Browser(Path profile) {
    def port = new ServerSocket(0).withCloseable { it.localPort }
    driver = new ProcessBuilder(find('chromedriver').toString(), "--port=$port").redirectErrorStream(true)
        .redirectOutput(profile.resolve('chromedriver.log').toFile()).start()
    base = "http://127.0.0.1:$port"
    awaitDriver()
    def options = [args: FLAGS + "--user-data-dir=${profile.resolve('profile')}".toString(), binary: find('chromium').toString()]
    session = send('POST', '/session', [capabilities: [alwaysMatch: ['goog:chromeOptions': options, 'goog:loggingPrefs': [browser: 'ALL']]]]).sessionId
  }

  private void awaitDriver() {
    def deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos()
    while (true) {
      try {
        send('GET', '/status', null)
        return
      } catch (IOException e) {
        if (System.nanoTime() > deadline || !driver.alive) {
          throw e
        }
        driver.waitFor(100, TimeUnit.MILLISECONDS)
      }
    }
  }

  private Object send(String method, String path, Map body) {
    def publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(JsonOutput.toJson(body))
    def request = HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(60)).header('Content-Type', 'application/json').method(method, publisher)
    def answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString())
    def value = new JsonSlurper().parseText(answer.body()).value
    assert answer.statusCode() == 200: value
    value
  }

  void go(URI address) {
    send('POST', "/session/$session/url", [url: address.toString()])
  }

  /** What the script returns. */
  Object run(String script, Object... arguments) {
    send('POST', "/session/$session/execute/sync", [script: script, args: arguments.toList()])
  }

  /** What the script hands to its last argument, a function, when it is done. */
  Object runAsync(String script, Object... arguments) {
    send('POST', "/session/$session/execute/async", [script: script, args: arguments.toList()])
  }

  /** One command of the browser's own protocol. */
  Object tell(String command, Map parameters) {
    send('POST', "/session/$session/goog/cdp/execute", [cmd: command, params: parameters])
  }

  /** What the user prefers: light or dark. */
  void prefer(String scheme) {
    tell('Emulation.setEmulatedMedia', [features: [[name: 'prefers-color-scheme', value: scheme]]])
  }

  void size(int width, int height) {
    tell('Emulation.setDeviceMetricsOverride', [width: width, height: height, deviceScaleFactor: 1, mobile: width < 600])
  }

  /** PNG. */
  byte[] picture() {
    (send('GET', "/session/$session/screenshot", null) as String).decodeBase64()
  }

  String text(String selector) {
    run('return document.querySelector(arguments[0])?.textContent ?? ""', selector)
  }

  /** Clicks the button that is labelled so, as a user could: it has to be enabled. */
  void click(String label, String within = 'body') {
    assert run('''const button = [...document.querySelector(arguments[1]).querySelectorAll("button")].find(b => b.textContent.trim() === arguments[0]);
        if (!button || button.disabled) return false;
        button.click();
        return true;''', label, within): "no enabled button $label"
  }

  /** What was written to the browser's console as an error, but for answers that are no success and servers that do not answer. */
  List<String> errors() {
    (send('POST', "/session/$session/se/log", [type: 'browser']) as List<Map>)
        .findAll { it.level == 'SEVERE' && it.source != 'network' }*.message
  }

  @Override
  void close() {
    try {
      send('DELETE', "/session/$session", null)
    } finally {
      driver.destroy()
      driver.waitFor(10, TimeUnit.SECONDS)
    }
  }
}
