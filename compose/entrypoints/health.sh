#!/bin/sh
# health.sh postgres|redis|program: whether the part of this container is ready. The first probe waits until it is, and
# a later one begins with a pause of DRILL_HEALTH_PAUSE seconds (20): a probe costs the processor some 50 ms, engines
# before 25 have one interval for both times, and a drill measures latencies beside it.
set -eu

seen=/tmp/drill-healthy

is_ready() {
  case "$1" in
  postgres)
    for folder in /usr/lib/postgresql/*/bin; do [ -x "$folder/pg_isready" ] && PATH="$folder:$PATH"; done
    pg_isready -q -h 127.0.0.1 -U drill_workload -d orders
    ;;
  redis) [ "$(REDISCLI_AUTH="$DRILL_REDIS_PASSWORD" redis-cli ping 2>/dev/null)" = PONG ] ;;
  program) [ -e /tmp/drill-ready ] ;;
  *)
    echo "expected postgres, redis or program, found \"$1\"" >&2
    exit 2
    ;;
  esac
}

if [ -e "$seen" ]; then
  sleep "${DRILL_HEALTH_PAUSE:-20}"
  is_ready "$1"
  exit
fi
tries=0
until is_ready "$1"; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || exit 1
  sleep 0.1
done
: >"$seen"
