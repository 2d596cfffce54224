#!/bin/sh
# Two plain PostgreSQL, of which one follows the other, and what their operator types.
# shellcheck source=test/support/attached/scripts/common.sh
. "$(dirname "$0")/common.sh"

up() {
  make_primary
  clone db2
  start_standby db2
  if [ -e pgbouncer.ini ]; then
    daemon pgbouncer pgbouncer "$HERE/pgbouncer.ini"
    until_so 10 pooler 'show version'
  fi
}

# pooler COMMAND: of PgBouncer, which stands before them where a stack has its file
pooler() { as psql -XAtq -h 127.0.0.1 -p "$CLIENTS_PORT" -U postgres -d pgbouncer -c "$1" >pooler.out 2>&1; }

redirect() {
  as sed -i "s/ port=.*/ port=$(port_of "$1")/" pgbouncer.ini
  pooler reload
}

upstream() { echo "host=127.0.0.1 port=$(port_of "$(other "$1")") user=postgres application_name=$1"; }

clone() {
  remove_data "$1"
  as pg_basebackup -D "$1" -R -X stream -c fast --no-sync -d "$(upstream "$1")"
}

lose() {
  case $1 in
  node | postgres) kill_trees $(postmaster "$2") ;;
  freeze) freeze_trees $(postmaster "$2") ;;
  *) usage 'lose node|postgres|freeze NODE' ;;
  esac
}

thaw() { thaw_trees $(postmaster "$1"); }

fence() { kill_trees $(postmaster "$1"); }

promote() { as pg_ctl -D "$1" -w -s promote; }

# NODE follows the other one; what it alone holds is gone afterwards.
rebuild() {
  fence "$1"
  # Until then the other one's control file names the old timeline, and nothing would be rewound.
  sql "$(other "$1")" checkpoint
  as pg_rewind -D "$1" -R --no-sync --source-server="$(upstream "$1") dbname=postgres" >>rebuild.log 2>&1 || clone "$1"
  start_standby "$1"
}

# Back into the pair: as a standby where the other one has taken over, else as it was.
undo() {
  if [ -n "$(postmaster "$1")" ] && { is_standby "$1" || ! takes_writes "$(other "$1")"; }; then
    thaw "$1"
  elif is_standby "$1" || ! takes_writes "$(other "$1")"; then
    start_postgres "$1"
  else
    rebuild "$1"
  fi
}

# A primary that ends in order has sent all of its log.
switch_over() {
  old=$(other "$1")
  stop_postgres "$old"
  promote "$1"
  # shellcheck disable=SC2016 # for the inner shell
  as sh -c 'echo "primary_conninfo = '"'"'$1'"'"'" >>"$0/postgresql.auto.conf"; : >"$0/standby.signal"' "$old" "$(upstream "$old")"
  start_standby "$old"
}

primary() { for node in db1 db2; do if takes_writes "$node"; then name_of "$node"; fi; done; }

settings() { settings_of_postgres; }

more() {
  case $1 in
  fence | promote | rebuild | redirect) "$@" ;;
  *) usage 'lose|thaw|undo|switch-over|arm|disarm|primary|settings|fence|promote|rebuild|redirect' ;;
  esac
}

verb "$@"
