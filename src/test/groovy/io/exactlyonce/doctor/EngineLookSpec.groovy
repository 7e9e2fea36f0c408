package io.exactlyonce.doctor

import io.exactlyonce.doctor.Finding.Level
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream

/** On class paths that are made here, and on the one that the build has made. */
class EngineLookSpec extends Specification {

  static final String COPIES = 'META-INF/exactly-once/engine/'
  static final String JAVA = 'src/main/java/io/exactlyonce/'

  @TempDir
  Path root

  Map<String, String> released = [(JAVA + 'One.java'): 'one\n', (JAVA + 'in/Two.java'): 'two\r\nlines\n', 'src/main/resources/io/exactlyonce/in/claim.lua': 'return 1\n']

  def setup() {
    released.each { path, text -> build(path, text) }
    def sums = released.collect { path, text -> sum(text) + '  ' + path }
    write('META-INF/exactly-once/engine.sums', (['# 0.1.0'] + sums).join('\n') + '\n')
  }

  def "an engine as it was released is fine, whatever the line ends of its files, in a folder and in a jar"() {
    given:
    build(JAVA + 'One.java', 'one\r\n')
    build(JAVA + 'in/Two.java', 'two\nlines\n')

    expect:
    [folder(), jar()].every { look(it) == [new Finding(Level.OK, '', 'engine', 'version 0.1.0', 'all 3 files are as released', '')] }
  }

  def "what was edited, added and removed is a warning for each file, with what to do in the first, in a jar too"() {
    given:
    build(JAVA + 'One.java', 'one, and more\n')
    build(JAVA + 'Mine.java', 'mine\n')
    Files.delete(root.resolve(COPIES + JAVA + 'in/Two.java'))

    expect:
    [folder(), jar()].each {
      def found = look(it)
      assert found*.level() as Set == [Level.WARN] as Set
      assert found*.where() == ['version 0.1.0', JAVA + 'Mine.java', JAVA + 'One.java', JAVA + 'in/Two.java']
      assert found*.found() == ['3 files differ from the release', 'added', 'edited', 'removed']
      assert found[0].remedy().contains('upgrading.md')
    }
  }

  def "a script that was edited is named as well"() {
    given:
    build('src/main/resources/io/exactlyonce/in/claim.lua', 'return 2\n')

    expect:
    look(folder())*.where() == ['version 0.1.0', 'src/main/resources/io/exactlyonce/in/claim.lua']
  }

  def "a source that is gone is removed, though a build that did not begin anew left its copy"() {
    given:
    Files.delete(root.resolve('io/exactlyonce/One.class'))

    expect:
    look(folder())*.found() == ['1 files differ from the release', 'removed']
  }

  def "more than 20 files are counted and not named"() {
    given:
    (1..33).each { build(JAVA + "Mine${it}.java", 'mine\n') }

    expect:
    def found = look(folder())
    found.size() == 22
    found[0].found() == '33 files differ from the release'
    found[21].found() == '13 more files differ'
  }

  def "without a list in the class path that is said, and it is no warning"() {
    given:
    Files.delete(root.resolve('META-INF/exactly-once/engine.sums'))

    expect:
    look(folder()) == [new Finding(Level.OK, '', 'engine', 'files of the engine', "not compared: this build has no list of the release's", '')]
  }

  def "the build copies every file of the engine that it compiles"() {
    given:
    def files = ['src/main/java/io/exactlyonce', 'src/main/resources/io/exactlyonce'].collectMany { filesOf(Path.of(it)) }

    expect:
    EngineFiles.find(EngineLook.classLoader).get().built().keySet() == files*.toString()*.replace('\\', '/') as Set
  }

  private List<Finding> look(URLClassLoader classes) {
    classes.withCloseable { new EngineLook(it).run() }
  }

  private URLClassLoader folder() {
    new URLClassLoader([root.toUri().toURL()] as URL[], (ClassLoader) null)
  }

  private URLClassLoader jar() {
    def jar = Files.createTempFile(root.parent, 'engine', '.jar')
    new JarOutputStream(Files.newOutputStream(jar)).withCloseable { out ->
      filesOf(root).each {
        out.putNextEntry(new JarEntry(root.relativize(it).toString().replace('\\', '/')))
        out.write(Files.readAllBytes(it))
      }
    }
    new URLClassLoader([jar.toUri().toURL()] as URL[], (ClassLoader) null)
  }

  /** A file as the build leaves it: its copy, and its class where it has one. */
  private void build(String path, String text) {
    write(COPIES + path, text)
    if (path.endsWith('.java')) {
      write(path.replace('src/main/java/', '').replace('.java', '.class'), '')
    }
  }

  private void write(String path, String text) {
    def file = root.resolve(path)
    Files.createDirectories(file.parent)
    Files.writeString(file, text)
  }

  private static List<Path> filesOf(Path folder) {
    Files.walk(folder).withCloseable { all -> all.filter { Files.isRegularFile(it) }.toList() }
  }

  private static String sum(String text) {
    MessageDigest.getInstance('SHA-256').digest(text.replace('\r\n', '\n').bytes).encodeHex().toString()
  }
}
