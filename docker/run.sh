#!/bin/bash
# The image's entry point: run.sh serve, or another command of the jar. Java takes this shell's place, so that SIGTERM reaches
# it. The heap is a share of the container's limit. The network's buffers are outside of it, and would by default be allowed as
# much again: 96 MB are several times what 256 connections of the HTTP server and the guard's pipelines hold. Of 768 MB that
# leaves some 250 for code, classes and threads. It writes nowhere but to /tmp. Further JVM options: JDK_JAVA_OPTIONS.
options=(-XX:MaxRAMPercentage=55 -XX:MaxDirectMemorySize=96m -XX:+ExitOnOutOfMemoryError)
cache=serve
case ${1-} in
# These end within seconds, and gain nothing from what Java does by default to be fast in the long run.
explain | lag | letters | doctor) cache=tools options+=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1) ;;
esac
# What Java has kept of a run while the image was built; one that it cannot use it leaves alone.
if [[ -f $cache.aot ]]; then
  options+=("-XX:AOTCache=$cache.aot")
else
  options+=("-XX:SharedArchiveFile=$cache.jsa")
fi
exec java "${options[@]}" -jar exactly-once-pipeline.jar "$@"
