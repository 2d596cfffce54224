#!/bin/sh
# Redis of a region, in any image that has `redis-server` and a user `redis`:
#
#   redis.sh primary   runs it on its volume
#   redis.sh standby   the same, as a replica of the primary when the volume is empty
#   redis.sh inspect   runs what a dead primary left, alone and without taking writes, to be read
#
# Its configuration is written once and then belongs to Redis (CONFIG REWRITE), so that a replica that was made the
# primary is one after a restart too. Environment: DRILL_REDIS_PASSWORD; DRILL_REDIS_OPTIONS (`--name value …`, as on
# Redis' command line, no blanks in values); DRILL_PRIMARY_HOST, DRILL_PRIMARY_PORT.
set -eu

mode="${1:-}"
home=/data/drill
conf="$home/redis.conf"

fail() {
  printf 'redis.sh: %s\n' "$*" >&2
  exit 1
}

command -v redis-server >/dev/null || fail 'expected an image with Redis, found no program "redis-server" in it'
command -v setpriv >/dev/null || fail 'expected an image with util-linux, found no program "setpriv" in it'

run_server() {
  cd "$home"
  exec setpriv --reuid=redis --regid=redis --init-groups --inh-caps=-all redis-server "$@"
}

# One container at a time; the lock lives as long as the server, a paused one included.
claim_volume() {
  mkdir -p "$home"
  chown redis:redis "$home"
  chmod 700 "$home"
  exec 9>"$home/lock"
  flock -n 9 || fail 'the volume is in use: a container that runs or is paused has its data open'
}

# The stated options come last: of two, Redis takes the later one.
configuration() {
  cat <<CONF
bind *
port 6379
dir $home
save ""
appendonly yes
appendfsync everysec
repl-diskless-sync yes
repl-diskless-sync-delay 0
repl-ping-replica-period 1
repl-timeout 5
auto-aof-rewrite-percentage 0
requirepass "$DRILL_REDIS_PASSWORD"
masterauth "$DRILL_REDIS_PASSWORD"
CONF
  name=
  for word in ${DRILL_REDIS_OPTIONS:-}; do
    case "$word" in
    --*)
      [ -z "$name" ] || printf '\n'
      name="${word#--}"
      printf %s "$name"
      ;;
    *)
      [ -n "$name" ] || fail "DRILL_REDIS_OPTIONS: expected \"--name value …\", found \"$word\""
      printf ' %s' "$word"
      ;;
    esac
  done
  printf '\n'
  [ "$mode" != standby ] || printf 'replicaof %s %s\n' "$DRILL_PRIMARY_HOST" "$DRILL_PRIMARY_PORT"
}

case "$mode" in
primary | standby)
  claim_volume
  if [ ! -s "$conf" ]; then
    (umask 077 && configuration >"$conf.half")
    chown redis:redis "$conf.half"
    mv "$conf.half" "$conf"
  fi
  run_server "$conf"
  ;;
inspect)
  claim_volume
  [ -s "$conf" ] || fail "expected the data of a Redis in $home, found none"
  # A copy: Redis may write its configuration. No write is taken for want of a replica.
  (umask 077 && grep -v '^replicaof ' "$conf" >/tmp/inspect.conf)
  printf 'min-replicas-to-write 1\nmin-replicas-max-lag 1\n' >>/tmp/inspect.conf
  chown redis:redis /tmp/inspect.conf
  run_server /tmp/inspect.conf
  ;;
*) fail "expected primary, standby or inspect, found \"$mode\"" ;;
esac
