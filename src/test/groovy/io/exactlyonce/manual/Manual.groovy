package io.exactlyonce.manual

import java.nio.file.Files
import java.nio.file.Path

/**
 * The manual: README.md and every page below src/site/markdown. Whatever spec holds the manual to the code reads it here,
 * so a page that is added, split or renamed is held without a change to any of them.
 */
final class Manual {

  static final Path ROOT = Path.of('').toAbsolutePath()
  static final String FOLDER = 'src/site/markdown'

  /** Of everything that is not the engine, and its folder: {@code mvn -Prename} changes it. */
  static final String PACKAGE = (Files.readString(ROOT.resolve('pom.xml')) =~ /<application\.package>(.+?)</)[0][1]
  static final String PACKAGE_FOLDER = PACKAGE.replace('.', '/')

  final ManualPage readme
  /** Without README.md, by name. */
  final List<ManualPage> pages

  private Manual(ManualPage readme, List<ManualPage> pages) {
    this.readme = readme
    this.pages = pages
  }

  static Manual read() {
    def names = ROOT.resolve(FOLDER).toFile().list().findAll { it.endsWith('.md') }.sort()
    new Manual(pageAt('README.md'), names.collect { pageAt("$FOLDER/$it") })
  }

  private static ManualPage pageAt(String path) {
    new ManualPage(path, Files.readString(ROOT.resolve(path)))
  }

  List<ManualPage> getAll() {
    [readme] + pages
  }

  /** The page at that path from the project's root; null where there is none. */
  ManualPage at(String path) {
    all.find { it.path == path }
  }

  String getText() {
    all*.text.join('\n')
  }

  List<String> fenced(String language) {
    all.collectMany { it.fenced(language) }
  }

  /** The lines of the shell blocks, those that end in a backslash joined with the next. */
  List<String> getShellLines() {
    fenced('sh').collectMany { it.replace('\\\n', ' ').readLines() }*.strip()
  }

  /** Arguments of each line of a shell block that runs this program; what is in quotes is one. */
  List<List<String>> commands(String program) {
    shellLines.findAll { it.contains(program) }
        .collect { line -> (line.substring(line.indexOf(program) + program.length()) =~ /"[^"]*"|\S+/).collect { it.replace('"', '') } }
  }

  /** What stands between backticks, in running text and tables. */
  List<String> getCodeSpans() {
    all*.codeSpans.flatten().unique()
  }

  /** Whether a source file of the tree is called so, whatever its package. */
  boolean isSourceFile(String name) {
    sourceFiles.any { it.fileName.toString() ==~ /\Q$name\E\.(java|groovy)/ }
  }

  /** Whether there are such specs or figures. */
  boolean isTestClass(String name) {
    sourceFiles.any { it.startsWith(ROOT.resolve('src/test')) && it.fileName.toString() ==~ /\Q$name\E\.(java|groovy)/ }
  }

  /** Whether a class of that name is in the tree's sources. */
  boolean isClass(String name) {
    sourceFiles.any { it.toString() ==~ /.*\/\Q${name.replace('.', '/')}\E\.(java|groovy)/ }
  }

  private static List<Path> getSourceFiles() {
    Files.walk(ROOT.resolve('src')).withCloseable { all -> all.filter { it.toString() ==~ /.*\.(java|groovy)/ }.toList() }
  }

  /** Whoever has removed a sample, as the manual says, need not rewrite the manual at once. */
  static boolean isRemovedSample(String path) {
    REMOVED_WITH.any { sample, names -> isRemoved(sample) && (path.contains("$PACKAGE_FOLDER/$sample") || path.contains("application-$sample")) } ||
        (path.endsWith(PACKAGE_FOLDER) && REMOVED_WITH.keySet().every { isRemoved(it) })
  }

  /** Names that only a removed sample has: of its specs and figures, its keys and its package. */
  static boolean isOfRemovedSample(String name) {
    REMOVED_WITH.any { sample, names -> isRemoved(sample) && name ==~ names } ||
        (name == PACKAGE && REMOVED_WITH.keySet().every { isRemoved(it) })
  }

  /** The samples of the manual to what the names are like that go with them. */
  static final Map<String, String> REMOVED_WITH = [payments: /Payment\w+|payments\..+/, weblogs: /Weblog\w+/]

  /** Whether this sample is no longer in the tree: each may be removed without the other. */
  static boolean isRemoved(String sample) {
    !Files.isDirectory(ROOT.resolve("src/main/java/$PACKAGE_FOLDER/$sample"))
  }

  /** The rows below the header of the one table whose header begins with that cell. */
  List<List<String>> table(String first) {
    def found = all.collectMany { it.tables }.findAll { it[0][0] == first }
    assert found.size() == 1: "${found.size()} tables of the manual have \"$first\" as their first header"
    found[0].drop(1)
  }

  /** The links of that page that lead to no file, or to no heading of a page. */
  List<String> brokenLinks(ManualPage page) {
    page.links.findAll { !(it ==~ /https?:.*/) && !isRemovedSample(it) && !resolves(page, it) }
  }

  private boolean resolves(ManualPage page, String link) {
    def (file, anchor) = link.contains('#') ? link.split('#', 2) : [link, '']
    def target = file.isEmpty() ? ROOT.resolve(page.path) : ROOT.resolve(page.path).resolveSibling(file).normalize()
    if (!Files.exists(target)) {
      return false
    }
    anchor.isEmpty() || at(ROOT.relativize(target).toString())?.anchors?.contains(anchor)
  }
}
