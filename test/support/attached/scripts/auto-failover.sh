#!/bin/sh
# Two PostgreSQL under pg_auto_failover, and its monitor. As in its tutorial, connections need no password.
# shellcheck source=test/support/attached/scripts/common.sh
. "$(dirname "$0")/common.sh"

# Where it keeps its own files and its servers' sockets, and looks for the latter.
marked() {
  env -i PATH="$BIN:$PROGRAMS" HOME="$HERE" LANG=C PGCONNECT_TIMEOUT=2 XDG_RUNTIME_DIR="$HERE/run" \
    PG_REGRESS_SOCK_DIR="$HERE/run" PGHOST="$HERE/run" DRILL_STACK="$STACK" "$@"
}

MONITOR="postgres://autoctl_node@localhost:$MONITOR_PORT/pg_auto_failover?sslmode=prefer"

up() {
  as mkdir -p run
  as pg_autoctl create monitor --pgdata "$HERE/monitor" --pgport "$MONITOR_PORT" --hostname localhost \
    --auth trust --no-ssl >create.log 2>&1
  as pg_autoctl config set --pgdata "$HERE/monitor" postgresql.listen_addresses localhost >>create.log 2>&1
  settle monitor
  daemon monitor pg_autoctl run --pgdata "$HERE/monitor"
  until_so 60 asked 'select true'
  # shellcheck disable=SC2046 # one word for each argument
  as pg_autoctl create postgres $(arguments db1) --monitor "$MONITOR" >>create.log 2>&1
  settle db1
  daemon autoctl-db1 pg_autoctl run --pgdata "$HERE/db1"
  until_so 60 is_in db1 single
  until_so 60 has_app
  # The superuser is named as whom it runs as.
  as psql -XAtq -h 127.0.0.1 -p "$DB1_PORT" -U "$(as id -un)" -d app \
    -c "do 'begin if to_regrole(''postgres'') is null then create role postgres superuser login; end if; end'"
  as psql -Xq -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$DB1_PORT" -U postgres -d app -f app.sql
  # shellcheck disable=SC2046 # one word for each argument
  daemon autoctl-db2 pg_autoctl create postgres $(arguments db2) --monitor "$MONITOR" --run
  until_so 90 has_joined
  until_so 60 is_in db1 primary
}

arguments() {
  echo "--pgdata $HERE/$1 --pgport $(port_of "$1") --name $1 --hostname localhost --listen localhost" \
    "--auth trust --no-ssl --username app --dbname app"
}

# Shared memory below its data, where it goes with it. The second server has a copy of the first one's settings.
settle() {
  # shellcheck disable=SC2016 # for the inner shell
  as sh -c 'echo "dynamic_shared_memory_type = mmap" >>"$0/postgresql.conf"' "$1"
}

has_app() { as psql -XAtq -h 127.0.0.1 -p "$DB1_PORT" -U "$(as id -un)" -d app -c 'select 1' >/dev/null 2>&1; }

# ask_monitor STATEMENT
ask_monitor() { as psql -XAtq -d "$MONITOR" -c "$1" 2>/dev/null; }

asked() { [ "$(ask_monitor "$1")" = t ]; }

is_in() { asked "select reportedstate = '$2' and goalstate = '$2' from pgautofailover.node where nodename = '$1'"; }

# Its copy waits for a checkpoint, which takes half a minute where nobody asks for one.
has_joined() {
  sql db1 checkpoint
  is_in db2 secondary
}

# The processes of pg_autoctl alone: PostgreSQL is a child of theirs.
daemons_of() {
  # shellcheck disable=SC2046 # one word for each process
  for process in $(tree $(daemon_of "autoctl-$1")); do
    if [ "$(ps -o comm= -p "$process")" = pg_autoctl ]; then echo "$process"; fi
  done
}

lose() {
  case $1 in
  node) kill_trees $(daemon_of "autoctl-$2") $(postmaster "$2") ;;
  postgres) kill_trees $(postmaster "$2") ;;
  daemon)
    # shellcheck disable=SC2046 # one word for each process
    set -- $(daemons_of "$2")
    signal STOP "$@"
    signal KILL "$@"
    until_so 5 none_lives "$@"
    ;;
  freeze) freeze_trees $(daemon_of "autoctl-$2") $(postmaster "$2") ;;
  *) usage 'lose node|postgres|daemon|freeze NODE' ;;
  esac
}

thaw() { thaw_trees $(postmaster "$1") $(daemon_of "autoctl-$1"); }

# pg_auto_failover does the rest: it rewinds what would be a second primary, and follows.
undo() {
  thaw "$1"
  [ -z "$(daemon_of "autoctl-$1")" ] || return 0
  # To pg_autoctl too a killed one lives until somebody has collected it.
  until_so 5 is_collected "$(cat "autoctl-$1.pid")"
  # It leaves it behind where it was killed.
  as ipcrm -s "$(sed -n 5p "run/pg_autoctl$HERE/$1/pg_autoctl.pid")" || :
  forget_dead "$1"
  daemon "autoctl-$1" pg_autoctl run --pgdata "$HERE/$1"
}

is_collected() { ! kill -0 "$1" 2>/dev/null; }

switch_over() { as pg_autoctl perform promotion --pgdata "$HERE/$1"; }

# The monitor's word.
primary() {
  ask_monitor "select nodename from pgautofailover.node where goalstate in ('single', 'primary', 'wait_primary')
    and reportedstate = goalstate" | while read -r found; do name_of "$found"; done
}

settings() {
  ask_monitor "select name, setting from pg_settings where name like 'pgautofailover.%'"
  settings_of_postgres
}

more() { usage 'lose|thaw|undo|switch-over|arm|disarm|primary|settings'; }

verb "$@"
