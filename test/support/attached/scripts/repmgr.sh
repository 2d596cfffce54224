#!/bin/sh
# Two PostgreSQL with repmgr, whose daemon on the standby takes over by itself.
# shellcheck source=test/support/attached/scripts/common.sh
. "$(dirname "$0")/common.sh"

upstream() { echo "host=127.0.0.1 port=$(port_of "$(other "$1")") user=repmgr dbname=repmgr"; }

# tool NODE ARGUMENT…
tool() {
  conf=$1.conf
  shift
  as repmgr -f "$HERE/$conf" "$@" >repmgr.out 2>&1 || {
    cat repmgr.out >&2
    return 1
  }
}

up() {
  make_primary
  tool db1 primary register
  tool db2 -d "$(upstream db2)" standby clone --fast-checkpoint
  start_standby db2
  tool db2 standby register
  start_daemon db1
  start_daemon db2
  until_so 20 watches db2
}

start_daemon() {
  if [ -z "$(daemon_of "repmgrd-$1")" ]; then
    daemon "repmgrd-$1" repmgrd -f "$HERE/$1.conf" --daemonize=false --no-pid-file
  fi
}

# The daemon of a standby takes over only from a primary that it has seen.
watches() { [ "$(sql "$1" 'select repmgr.get_upstream_last_seen()' repmgr)" -ge 0 ]; }

lose() {
  case $1 in
  node) kill_trees $(daemon_of "repmgrd-$2") $(postmaster "$2") ;;
  postgres) kill_trees $(postmaster "$2") ;;
  daemon) kill_trees $(daemon_of "repmgrd-$2") ;;
  freeze) freeze_trees $(daemon_of "repmgrd-$2") $(postmaster "$2") ;;
  *) usage 'lose node|postgres|daemon|freeze NODE' ;;
  esac
}

thaw() { thaw_trees $(postmaster "$1") $(daemon_of "repmgrd-$1"); }

is_noted() { [ "$(sql "$1" "select node_name from repmgr.nodes where type = 'primary' and active" repmgr)" = "$1" ]; }

# NODE follows the other one; what it alone holds is gone afterwards.
rejoin() {
  kill_trees $(daemon_of "repmgrd-$1") $(postmaster "$1")
  # It takes writes before repmgr has noted that it does.
  until_so 20 is_noted "$(other "$1")"
  # Until then its control file names the old timeline, and nothing would be rewound.
  sql "$(other "$1")" checkpoint
  # repmgr takes only a server that has ended in order.
  forget_dead "$1"
  as postgres --single -D "$1" template1 </dev/null >single.out 2>&1 || {
    cat single.out >&2
    return 1
  }
  tool "$1" node rejoin -d "$(upstream "$1")" --force-rewind
}

# Back into the pair: as a standby where the other one has taken over, else as it was.
undo() {
  if is_standby "$1" || ! takes_writes "$(other "$1")"; then
    if [ -n "$(postmaster "$1")" ]; then thaw "$1"; else start_postgres "$1"; fi
  else
    rejoin "$1"
  fi
  start_daemon "$1"
  if is_standby "$1"; then until_so 20 watches "$1"; fi
}

# As `repmgr standby switchover` does it, which asks for ssh between the two.
switch_over() {
  old=$(other "$1")
  tool "$1" service pause
  stop_postgres "$old"
  tool "$1" standby promote
  tool "$old" node rejoin -d "$(upstream "$old")"
  tool "$1" service unpause
  until_so 20 watches "$old"
}

# repmgr's word: available, and not in recovery.
primary() {
  for node in db1 db2; do
    seen=$(as repmgr -f "$HERE/$node.conf" cluster show --csv 2>/dev/null) || :
    [ -n "$seen" ] || continue
    echo "$seen" | sed -n 's/^\([12]\),0,0$/db\1/p' | while read -r found; do name_of "$found"; done
    return
  done
}

settings() {
  grep -E '^(failover|monitor|reconnect)' db1.conf
  settings_of_postgres
}

more() { usage 'lose|thaw|undo|switch-over|arm|disarm|primary|settings'; }

verb "$@"
