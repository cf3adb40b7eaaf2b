#!/bin/bash
# Real Apache Kafka: KRaft, one node, loopback only, from Maven's jars.
#
#   kafka.sh check                 status 77 and one line when the machine lacks what fetch or run needs
#   kafka.sh fetch                 bring what is absent into the cache; prints what it did
#   kafka.sh where                 the folder in the cache
#   kafka.sh run   PORT RUN_DIR    in the foreground, as this very process; "Kafka Server started" on stdout is readiness
#   kafka.sh start PORT RUN_DIR    in the background; waits until ready, prints the pid
#   kafka.sh stop  RUN_DIR         SIGTERM, SIGKILL after 30 s; RUN_DIR is kept, so that start is a restart
#
# PORT is the client listener (PLAINTEXT), PORT+1 the controller. Everything that the broker writes is in RUN_DIR.
# Environment (all optional):
#   KAFKA_EXTRA        file of properties appended to the generated ones (the last one of a key wins)
#   KAFKA_FORMAT_ARGS  more words for the format step, e.g. "--add-scram SCRAM-SHA-512=[name=a,password=b]"
#   KAFKA_HEAP         384m
#   KAFKA_JVM          more JVM options, e.g. -XX:TieredStopAtLevel=4 for a long benchmark
#   KAFKA_WAIT         seconds to wait until ready, 60
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/cache.sh"

version=$(sed -n '/kafka_2.13/,/<\/dependency>/s/.*<version>\(.*\)<\/version>.*/\1/p' "$here/kafka/pom.xml")
home=$(part_dir "kafka-$version" "$here/kafka/pom.xml" "$here/kafka/jars.sha256")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
# C1 only and a class archive: start-up CPU is what a test suite waits for.
jvm=(-Xms64m "-Xmx${KAFKA_HEAP:-384m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1
     "-Dlog4j2.configurationFile=$here/kafka/log4j2.properties")

die() { echo "kafka.sh: $*" >&2; exit 1; }

need_java() {
  local found
  command -v "$java" >/dev/null || missing "needs Java 17 or newer (Debian: openjdk-17-jre-headless) to run Apache Kafka $version: found none"
  found=$("$java" -version 2>&1 | sed -n '1s/.*"\([0-9.]*\).*"/\1/p')
  version_at_least 17 "$found" || missing "needs Java 17 or newer (Debian: openjdk-17-jre-headless) to run Apache Kafka $version: found $found"
}

check() {
  need_java
  [ -d "$home" ] || command -v mvn >/dev/null ||
    missing "needs Maven (Debian: maven) to fetch Apache Kafka $version: found none"
}

# One archive per Java, as another Java refuses it; in the jars' folder, as other paths of jars make it useless too.
archive() { echo "$home/$("$java" -version 2>&1 | sha256sum | cut -c1-12).jsa"; }

fetch_jars() {
  if [ -d "$home" ]; then return; fi
  local new=$home.new
  rm -rf "$new"
  mkdir -p "$new"
  # A repository of its own: nothing of it is needed once the jars are copied.
  mvn -q -B -C -f "$here/kafka/pom.xml" "-Dmaven.repo.local=$new/m2" dependency:copy-dependencies \
      -DincludeScope=runtime "-DoutputDirectory=$new/libs" </dev/null >"$new/log" 2>&1 9>&- ||
    die "Maven could not fetch Kafka $version: $(grep -m 3 ERROR "$new/log")"
  (cd "$new/libs" && sha256sum --quiet --strict -c "$here/kafka/jars.sha256" >&2) || die "jars are not those of jars.sha256"
  [ "$(find "$new/libs" -name '*.jar' | wc -l)" = "$(wc -l <"$here/kafka/jars.sha256")" ] || die "jars that jars.sha256 lacks"
  rm -rf "$new/m2" "$new/log"
  mv "$new" "$home"
}

# Two ports in a row that nobody listens on.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 10000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port" || exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  die "found no free port"
}

# A broker that starts and ends in peace leaves its loaded classes in an archive; later ones start in half the time.
make_archive() {
  if [ -e "$(archive)" ]; then return; fi
  warm_up=$(mktemp -d "$home/warm-up.XXXXXX")
  trap 'stop "$warm_up"; rm -rf "$warm_up"' EXIT   # an interrupted one leaves no broker behind
  KAFKA_JVM="-XX:ArchiveClassesAtExit=$warm_up/classes.jsa ${KAFKA_JVM:-}" start "$(free_port)" "$warm_up" >/dev/null
  stop "$warm_up"
  mv "$warm_up/classes.jsa" "$(archive)"
}

fetch() {
  check
  lock kafka
  if [ -e "$(archive)" ]; then echo "have Apache Kafka $version"; return; fi
  fetch_jars
  make_archive
  echo "made Apache Kafka $version in $SECONDS s"
}

write_properties() {
  local port=$1 run=$2
  cat >"$run/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=$run/data
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
END
  if [ -n "${KAFKA_EXTRA:-}" ]; then cat "$KAFKA_EXTRA" >>"$run/server.properties"; fi
}

run() {
  local port=$1 run=$2 classes
  mkdir -p "$run"
  [ -d "$home" ] || die "Kafka is not in the cache: kafka.sh fetch"
  write_properties "$port" "$run"
  classes=$(archive)
  if [ -e "$classes" ]; then jvm+=("-XX:SharedArchiveFile=$classes"); fi
  if [ ! -e "$run/data/meta.properties" ]; then
    # without "-", since an id that begins with one is taken for an option
    # shellcheck disable=SC2086  # words
    "$java" "${jvm[@]}" -cp "$home/libs/*" kafka.tools.StorageTool format -c "$run/server.properties" \
      -t "$(head -c16 /dev/urandom | base64 | tr '+/' 'ps' | cut -c1-22)" ${KAFKA_FORMAT_ARGS:-}
  fi
  # shellcheck disable=SC2086  # words
  exec "$java" "${jvm[@]}" ${KAFKA_JVM:-} -cp "$home/libs/*" kafka.Kafka "$run/server.properties"
}

alive() { [ -e "$1/pid" ] && kill -0 "$(cat "$1/pid")" 2>/dev/null; }

start() {
  local port=$1 run=$2 end
  if alive "$run"; then die "already running: pid $(cat "$run/pid")"; fi
  mkdir -p "$run"
  : >"$run/log"
  setsid "${BASH_SOURCE[0]}" run "$port" "$run" </dev/null >>"$run/log" 2>&1 9>&- &
  echo $! >"$run/pid"
  end=$((SECONDS + ${KAFKA_WAIT:-60}))
  until grep -q 'Kafka Server started' "$run/log"; do
    alive "$run" || die "the broker ended while starting: $(tail -n 3 "$run/log")"
    [ $SECONDS -lt $end ] || die "not ready after ${KAFKA_WAIT:-60} s, see $run/log"
    sleep 0.05
  done
  cat "$run/pid"
}

stop() {
  local run=$1 pid end
  alive "$run" || { rm -f "$run/pid"; return 0; }
  pid=$(cat "$run/pid")
  end=$((SECONDS + 30))   # an archive being written takes seconds
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    if [ $SECONDS -ge $end ]; then kill -9 "$pid" || true; fi
    sleep 0.05
  done
  rm -f "$run/pid"
}

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

case "${1:-} $#" in
  "check 1") check ;;
  "fetch 1") fetch ;;
  "where 1") echo "$home" ;;
  "run 3") run "$2" "$3" ;;
  "start 3") start "$2" "$3" ;;
  "stop 2") stop "$2" ;;
  *) usage ;;
esac
