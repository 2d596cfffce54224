#!/bin/sh
# Three plain PostgreSQL, two of them in one region: two follow the first one, until another is promoted.
# shellcheck source=test/support/attached/scripts/common.sh
. "$(dirname "$0")/common.sh"

name_of() {
  case $1 in db3) echo west/db3 ;; *) echo "east/$1" ;; esac
}

port_of() {
  case $1 in db1) echo "$DB1_PORT" ;; db2) echo "$DB2_PORT" ;; db3) echo "$DB3_PORT" ;; esac
}

# Whom NODE follows: whoever else takes writes, and the first one in the beginning.
other() {
  for peer in db1 db2 db3; do
    if [ "$peer" != "$1" ] && takes_writes "$peer"; then
      echo "$peer"
      return
    fi
  done
  echo db1
}

up() {
  make_primary
  for standby in db2 db3; do
    clone "$standby"
    start_standby "$standby"
  done
}

upstream() { echo "host=127.0.0.1 port=$(port_of "$(other "$1")") user=postgres application_name=$1"; }

clone() {
  remove_data "$1"
  as pg_basebackup -D "$1" -R -X stream -c fast --no-sync -d "$(upstream "$1")"
}

lose() { kill_trees $(postmaster "$2"); }

promote() { as pg_ctl -D "$1" -w -s promote; }

# NODE follows whoever takes writes; what it alone holds is gone afterwards.
undo() {
  if takes_writes "$1"; then return; fi
  source=$(other "$1")
  if ! takes_writes "$source"; then
    [ -n "$(postmaster "$1")" ] || start_postgres "$1"
    return
  fi
  kill_trees $(postmaster "$1")
  clone "$1"
  start_standby "$1"
}

primary() { for node in db1 db2 db3; do if takes_writes "$node"; then name_of "$node"; fi; done; }

settings() { settings_of_postgres; }

more() {
  case $1 in
  promote) "$@" ;;
  port) port_of "$2" ;;
  *) usage 'lose|undo|primary|settings|promote|port' ;;
  esac
}

verb "$@"
