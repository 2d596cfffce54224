# What the scripts of all stacks share. Each stands in `bin/` of its stack's directory and is called with a verb.
# shellcheck shell=sh
# shellcheck disable=SC2154 # what is set in stack.env
set -eu
HERE=$(cd "$(dirname "$0")/.." && pwd)
SELF=$HERE/bin/$(basename "$0")
cd "$HERE"
# shellcheck source=/dev/null
. ./stack.env

# Whom the stack runs as, where the caller is root.
AS=
[ "$(id -u)" != 0 ] || AS="setpriv --reuid=$USER_ID --regid=$GROUP_ID --clear-groups"

# marked PROGRAM…: with the stack's mark, and with nothing of the caller's environment
marked() {
  env -i PATH="$BIN:$PROGRAMS" HOME="$HERE" LANG=C PGPASSFILE="$HERE/pgpass" PGCONNECT_TIMEOUT=2 \
    DRILL_STACK="$STACK" "$@"
}

# as PROGRAM…: as the stack's user
# shellcheck disable=SC2086 # AS is several words
as() { marked $AS "$@"; }

# daemon NAME PROGRAM…: in a session of its own, with NAME.pid and NAME.log; it holds nothing of the caller's
daemon() {
  # shellcheck disable=SC2016 # for the inner shell
  as setsid --fork sh -c 'echo $$ >"$0.pid"; exec "$@"' "$@" </dev/null >>"$1.log" 2>&1
}

# `east/db1` -> `db1`
short() { echo "${1##*/}"; }

name_of() {
  case $1 in db1) echo east/db1 ;; db2) echo west/db2 ;; esac
}

other() {
  case $1 in db1) echo db2 ;; db2) echo db1 ;; esac
}

port_of() {
  case $1 in db1) echo "$DB1_PORT" ;; db2) echo "$DB2_PORT" ;; esac
}

# sql NODE STATEMENT [DATABASE]
sql() { as psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$(port_of "$1")" -U postgres -d "${3:-postgres}" -c "$2"; }

takes_writes() { [ "$(sql "$1" 'show transaction_read_only' 2>/dev/null)" = off ]; }

# until_so SECONDS COMMAND…
until_so() {
  deadline=$(($(date +%s) + $1))
  shift
  until "$@"; do
    if [ "$(date +%s)" -gt "$deadline" ]; then
      echo "not within its time: $*" >&2
      return 1
    fi
    sleep 0.05
  done
}

# A process that has ended and was not collected yet is none.
lives() {
  case $(ps -o stat= -p "$1" 2>/dev/null) in '' | Z*) return 1 ;; esac
}

# The postmaster of NODE, where one lives that works in its directory.
postmaster() {
  pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) || return 0
  if lives "$pid" && [ "$(readlink "/proc/$pid/cwd")" = "$HERE/$1" ]; then echo "$pid"; fi
}

# To PostgreSQL a killed server lives as long as nobody has collected it.
forget_dead() { [ -n "$(postmaster "$1")" ] || rm -f "$1/postmaster.pid"; }

# daemon_of NAME: the one that wrote NAME.pid, where it lives and is the stack's
daemon_of() {
  pid=$(cat "$1.pid" 2>/dev/null) || return 0
  if lives "$pid" && tr '\0' '\n' <"/proc/$pid/environ" | grep -qx "DRILL_STACK=$STACK"; then echo "$pid"; fi
}

tree() {
  for pid in "$@"; do
    echo "$pid"
    # shellcheck disable=SC2046 # one word for each child
    tree $(ps -o pid= --ppid "$pid")
  done
}

none_lives() {
  for pid in "$@"; do if lives "$pid"; then return 1; fi; done
}

# signal NAME PID…: also to those that end meanwhile
signal() {
  name=$1
  shift
  for pid in "$@"; do kill -s "$name" "$pid" 2>/dev/null || :; done
}

# Whole trees, as a power cut ends them: each stands still first, so that none starts another or cleans up.
kill_trees() {
  signal STOP "$@"
  # shellcheck disable=SC2046 # one word for each process
  set -- $(tree "$@")
  signal KILL "$@"
  until_so 5 none_lives "$@"
}

freeze_trees() {
  signal STOP "$@"
  # shellcheck disable=SC2046 # one word for each process
  signal STOP $(tree "$@")
}

# shellcheck disable=SC2046 # one word for each process
thaw_trees() { signal CONT $(tree "$@"); }

is_frozen() {
  case $(ps -o stat= -p "$1" 2>/dev/null) in T*) ;; *) return 1 ;; esac
}

# The data of NODE, and the shared memory of a server that was killed.
remove_data() {
  segment=$(sed -n '7s/.* //p' "$1/postmaster.pid" 2>/dev/null) || :
  [ -z "$segment" ] || as ipcrm -m "$segment" 2>/dev/null || :
  rm -rf "${HERE:?}/$1"
}

# One undo at a time, be it the runner's or the dead-man's switch's. Whoever comes second finds it done.
alone() {
  if [ "${ALONE:-}" != yes ]; then ALONE=yes exec flock -o "$HERE/undo.lock" "$SELF" "$@"; fi
}

# arm NODE SECONDS: the dead-man's switch; it undoes what was done to NODE, unless `disarm NODE` comes before.
arm() {
  disarm "$1"
  # shellcheck disable=SC2016 # for the inner shell
  marked setsid --fork sh -c 'echo $$ >"$0"; sleep "$1"; rm "$0"; exec "$2" undo "$3"' \
    "armed-$1.pid" "$2" "$SELF" "$1" </dev/null >>arm.log 2>&1
  until_so 5 test -s "armed-$1.pid"
}

disarm() {
  armed=$(daemon_of "armed-$1")
  rm -f "armed-$1.pid"
  # shellcheck disable=SC2046,SC2086 # one word for each process
  signal KILL $(tree $armed)
}

# The first server, with the users' database.
make_primary() {
  as initdb -D db1 -U postgres --no-locale -E UTF8 --auth=scram-sha-256 --pwfile=password --no-sync >initdb.log
  as sh -c 'cat settings.conf >>db1/postgresql.conf'
  start_postgres db1
  make_app db1
}

make_app() {
  sql "$1" 'create database app'
  as psql -Xq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$(port_of "$1")" -U postgres -d app -f app.sql
}

# The port stands on the command line, since the files of its data come from the other server again and again.
start_postgres() {
  forget_dead "$1"
  as pg_ctl -D "$1" -l "$1.log" -w -t 30 -s -o "-p $(port_of "$1")" start </dev/null
}

stop_postgres() { as pg_ctl -D "$1" -m fast -w -s stop; }

# start_standby NODE: and it follows
start_standby() {
  start_postgres "$1"
  until_so 10 follows "$1"
}

follows() { [ "$(sql "$1" 'select status from pg_stat_wal_receiver' 2>/dev/null)" = streaming ]; }

# Whether NODE is a standby by its own files, dead or alive.
is_standby() { [ -e "$1/standby.signal" ]; }

settings_of_postgres() {
  for node in db1 db2; do
    sql "$node" "select '$(name_of "$node")', name, setting from pg_settings where name ~ '^(synchronous|wal_)'" || :
  done
}

usage() {
  echo "$(basename "$SELF"): expected $*" >&2
  exit 2
}

# Every stack has these functions, and `more` for verbs of its own.
verb() {
  verb=${1:-}
  [ $# = 0 ] || shift
  node=$(short "${1:-}")
  case $verb in
  up)
    trap 'tail -n 10 ./*.log >&2' EXIT
    up
    trap - EXIT
    ;;
  start) start_postgres "$node" ;;
  lose) lose "$node" "$(short "${2:-}")" ;;
  thaw) thaw "$node" ;;
  undo)
    alone undo "$node"
    undo "$node"
    ;;
  switch-over)
    ! takes_writes "$node" || usage 'a node that is the standby'
    switch_over "$node"
    ;;
  arm) arm "$node" "$2" ;;
  disarm) disarm "$node" ;;
  primary) primary ;;
  settings) settings ;;
  *) more "$verb" "$node" ;;
  esac
}
