#!/bin/sh
# The undo of a lost server, on that server: where the other one takes writes by now, it is rebuilt and follows it; else
# it is started as it was. It can be run twice, and where nothing is broken. As root, or as the owner of the data.
set -eu
OTHER=${OTHER:-host=10.0.2.11 user=replicator} # may pg_basebackup, and log in to `postgres`; password: ~/.pgpass
PGDATA=${PGDATA:-/var/lib/postgresql/data}     # the programs of PostgreSQL are in PATH
export PGCONNECT_TIMEOUT=3
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
runs() { as pg_isready -q; } # where this server answers, if not where psql looks: PGHOST, PGPORT
stop() { as pg_ctl -D "$PGDATA" -m immediate -w -s stop; }                # or: systemctl stop postgresql
start() { as pg_ctl -D "$PGDATA" -w -s -l "$PGDATA.log" start </dev/null; } # or: systemctl start postgresql

if [ ! -e "$PGDATA/standby.signal" ]; then # a standby already: it has only to run
  case $(as psql -XAtq "$OTHER dbname=postgres" -c 'show transaction_read_only') in
    off)
      if runs; then stop; fi
      # What this server alone holds: drill has read it before. Remove such a folder once nobody wants it.
      if [ -e "$PGDATA" ]; then mv "$PGDATA" "$PGDATA.lost-$(date +%s)"; fi
      as pg_basebackup -D "$PGDATA" -R -X stream -c fast -d "$OTHER"
      ;;
    on) ;;
    *) echo 'the other server does not say whether it takes writes: nothing was done' >&2 && exit 1 ;;
  esac
fi
if ! runs; then start; fi # until it answers
