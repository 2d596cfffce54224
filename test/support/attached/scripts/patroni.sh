#!/bin/sh
# Two PostgreSQL under Patroni, which keeps its word in etcd, and HAProxy before them.
# shellcheck source=test/support/attached/scripts/common.sh
. "$(dirname "$0")/common.sh"

ETCD=http://127.0.0.1:$ETCD_PORT
PEERS=http://127.0.0.1:$PEERS_PORT

up() {
  daemon etcd etcd --name e0 --data-dir "$HERE/etcd" --unsafe-no-fsync \
    --listen-client-urls "$ETCD" --advertise-client-urls "$ETCD" \
    --listen-peer-urls "$PEERS" --initial-advertise-peer-urls "$PEERS" --initial-cluster "e0=$PEERS"
  until_so 30 answers
  start_daemon db1
  until_so 60 takes_writes db1
  start_daemon db2
  daemon haproxy haproxy -db -f "$HERE/haproxy.cfg"
  make_app db1
  until_so 60 follows db2
  until_so 20 let_in
}

answers() { as etcdctl --endpoints "$ETCD" endpoint health >/dev/null 2>&1; }

# HAProxy takes a server for up, and that one takes writes.
let_in() { [ "$(as psql -XAtq -h 127.0.0.1 -p "$CLIENTS_PORT" -U postgres -d app -c 'show transaction_read_only' 2>/dev/null)" = off ]; }

start_daemon() {
  if [ -z "$(daemon_of "patroni-$1")" ]; then
    forget_dead "$1"
    daemon "patroni-$1" patroni "$HERE/$1.yml"
  fi
}

# Its postmaster is in a session of its own, and no child of Patroni's.
lose() {
  case $1 in
  node) kill_trees $(daemon_of "patroni-$2") $(postmaster "$2") ;;
  postgres) kill_trees $(postmaster "$2") ;;
  daemon) kill_trees $(daemon_of "patroni-$2") ;;
  freeze) freeze_trees $(daemon_of "patroni-$2") $(postmaster "$2") ;;
  *) usage 'lose node|postgres|daemon|freeze NODE' ;;
  esac
}

thaw() { thaw_trees $(postmaster "$1") $(daemon_of "patroni-$1"); }

# Patroni does the rest: it rewinds what would be a second primary, and follows.
undo() {
  thaw "$1"
  start_daemon "$1"
}

tool() { as patronictl -c "$HERE/db1.yml" "$@"; }

switch_over() { tool switchover --leader "$(other "$1")" --candidate "$1" --force; }

primary() { tool list -f tsv | awk -F '\t' '$4 == "Leader" { print $2 }' | while read -r found; do name_of "$found"; done; }

settings() { tool show-config; }

more() { usage 'lose|thaw|undo|switch-over|arm|disarm|primary|settings'; }

verb "$@"
