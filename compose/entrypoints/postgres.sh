#!/bin/sh
# PostgreSQL of a region, in any image that has its programs and a user `postgres`:
#
#   postgres.sh primary         makes the database in an empty volume; then runs the server
#   postgres.sh standby         copies the primary into an empty volume (pg_basebackup, pg_verifybackup); then runs it
#   postgres.sh restore         makes the database in an empty volume from a base backup and the log in /storage; then
#                               runs it
#   postgres.sh inspect         runs what a dead primary left, alone and fenced, to be read
#   postgres.sh rebuild         makes the volume a standby of another primary: pg_rewind where that works, else a
#                               new copy; prints which, and does not run it
#   postgres.sh supersede       marks the volume of a dead primary: it starts no server until it is rebuilt, so that
#                               another one can be promoted
#   postgres.sh backup DIR      takes a base backup of the primary into DIR, checked against its manifest
#   postgres.sh verify-backup DIR   checks a base backup against its manifest (pg_verifybackup)
#
# A volume that holds a database is run as it is: `primary`, `standby` and `restore` say only how an empty one begins.
# Environment: DRILL_ADMIN_PASSWORD, DRILL_REPLICATION_PASSWORD, DRILL_WORKLOAD_PASSWORD; DRILL_POSTGRES_OPTIONS
# (`-c name=value …`, no blanks in values); for all that copies: DRILL_PRIMARY_HOST, DRILL_PRIMARY_PORT,
# DRILL_STANDBY_NAME (how the primary calls it), DRILL_JOIN_SECONDS (60). For `primary`: DRILL_PRIMARY_OPTIONS (more
# options, which no copy of it gets); DRILL_ARCHIVE_TO (`host:port` of a storage that its log is brought to) and
# DRILL_ARCHIVE_TOKEN. For `restore`: DRILL_RESTORE_BACKUP (the newest), DRILL_RESTORE_TARGET (lines of postgresql.conf;
# all the log there is), DRILL_RESTORE_PARTIAL (a segment whose unfinished copy is a part of the log).
set -eu

mode="${1:-}"
here=$(dirname "$0")
files="$here/../postgres"
home=/var/lib/postgresql/drill
data="$home/data"
half="$home/data.half"
passfile="$home/pgpass"
storage=/storage
# There while a rebuild is under way: what it leaves half done must not run, nor be taken for an empty volume.
unfinished="$home/rebuild-unfinished"
# There from before another primary is promoted until this volume is made its standby.
superseded="$home/superseded"
export LC_ALL=C TZ=UTC

say() { printf 'postgres.sh: %s\n' "$*" >&2; }
fail() {
  say "$@"
  exit 1
}

for folder in /usr/lib/postgresql/*/bin; do
  [ -x "$folder/postgres" ] && PATH="$folder:$PATH"
done
command -v postgres >/dev/null || fail 'expected an image with PostgreSQL, found no program "postgres" in it'
command -v setpriv >/dev/null || fail 'expected an image with util-linux, found no program "setpriv" in it'

# Scripts and their files may be readable by root alone: only PostgreSQL's own programs run as its user.
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all "$@"; }
run_server() {
  exec setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all postgres -D "$data" "$@"
}

# One container at a time: PostgreSQL itself cannot see the server of another one. The lock lives as long as the
# server or any of its processes, a paused one included.
claim_volume() {
  mkdir -p "$home"
  chown postgres:postgres "$home"
  chmod 700 "$home"
  exec 9>"$home/lock"
  flock -n 9 || fail "the volume is in use: a container that runs or is paused has its database open"
}

whole_volume() {
  [ ! -e "$unfinished" ] || fail 'a rebuild of this volume was not finished: run postgres.sh rebuild again'
}

current_volume() {
  [ ! -e "$superseded" ] ||
    fail 'another primary was promoted over this one: it would be a second one. Run postgres.sh rebuild first'
}

# private FILE: standard input becomes a file that only the server's user reads
private() {
  (umask 077 && cat >"$1")
  chown postgres:postgres "$1"
}

quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }

# stated_settings NAME OPTIONS: the stated settings, as lines of postgresql.conf. There and not on the command line, where they would outweigh
# ALTER SYSTEM.
stated_settings() {
  for word in $2; do
    case "$word" in
    -c) ;;
    *=*) printf '%s = %s\n' "${word%%=*}" "$(quoted "${word#*=}")" ;;
    *) fail "$1: expected \"-c name=value …\", found \"$word\"" ;;
    esac
  done
}

# configure DIRECTORY STANDBY [LINES]: all of its configuration; what a copied directory carries of another server goes
configure() {
  # In variables first: a failure inside a pipeline would go unseen.
  settings=$(cat "$files/postgresql.conf")
  stated=$(stated_settings DRILL_POSTGRES_OPTIONS "${DRILL_POSTGRES_OPTIONS:-}")
  source=
  [ "$2" = no ] || source="primary_conninfo = $(quoted "$(primary drill_replication)")"
  printf '%s\n%s\n%s\n%s\n' "$settings" "$stated" "$source" "${3:-}" | private "$1/postgresql.conf"
  private "$1/pg_hba.conf" <"$files/pg_hba.conf"
  private "$1/pg_ident.conf" </dev/null
  private "$1/postgresql.auto.conf" </dev/null
  if [ "$2" = yes ]; then private "$1/standby.signal" </dev/null; else rm -f "$1/standby.signal"; fi
}

# primary USER: how to connect to the primary; the password is in the file
primary() {
  printf "host='%s' port='%s' user='%s' application_name='%s' passfile='%s' connect_timeout='2'" \
    "$DRILL_PRIMARY_HOST" "$DRILL_PRIMARY_PORT" "$1" "${DRILL_STANDBY_NAME:-standby}" "$passfile"
}

write_passfile() {
  printf '*:*:*:drill_replication:%s\n*:*:*:postgres:%s\n' \
    "$DRILL_REPLICATION_PASSWORD" "$DRILL_ADMIN_PASSWORD" | private "$passfile"
}

# single DATABASE: statements, each ended by `;` and an empty line, on a server without a port
single() {
  output=$(as_postgres postgres --single -j -D "$half" -c log_min_error_statement=panic "$1" 2>&1) ||
    fail "preparing the database: $output"
  # In this mode a failed statement is only logged.
  if printf %s "$output" | grep -Eq '(ERROR|FATAL|PANIC):'; then fail "preparing the database: $output"; fi
}

make_database() {
  say 'making the database'
  printf %s "$DRILL_ADMIN_PASSWORD" | private "$home/password"
  as_postgres initdb -D "$half" -U postgres -A scram-sha-256 --pwfile="$home/password" --no-locale -E UTF8 \
    --data-checksums --no-sync --no-instructions >/dev/null
  rm -f "$home/password"
  # A server alone gives out object ids that are kept for PostgreSQL's own tables, and those are never replicated.
  as_postgres pg_resetwal -o 16384 -D "$half" >/dev/null
  printf 'create database orders;\n\n' | single postgres
  {
    printf 'create extension amcheck;\n\n'
    printf 'create role drill_replication login replication password %s;\n\n' "$(quoted "$DRILL_REPLICATION_PASSWORD")"
    printf 'create role drill_workload login password %s;\n\n' "$(quoted "$DRILL_WORKLOAD_PASSWORD")"
    cat "$files/orders.sql" && printf '\n'
    printf 'create table drill_probe (one boolean primary key default true, at timestamptz);\n\n'
    printf 'grant select, insert, update, delete on orders, stock to drill_workload;\n\n'
    printf 'grant usage, select on all sequences in schema public to drill_workload;\n\n'
  } | single orders
  more=$(primary_settings)
  configure "$half" no "$more"
}

# Of the server that is made here alone: a copy of it keeps no log for anybody.
primary_settings() {
  stated_settings DRILL_PRIMARY_OPTIONS "${DRILL_PRIMARY_OPTIONS:-}"
  [ -n "${DRILL_ARCHIVE_TO:-}" ] || return 0
  command -v bash >/dev/null || fail 'expected bash in the image of PostgreSQL, which archiving needs, found none:' \
    'use an image that is based on Debian (postgres:17.6-bookworm), or wal: receive, which archives nothing'
  private "$home/archive.sh" <"$here/archive.sh"
  printf %s "$DRILL_ARCHIVE_TOKEN" | private "$home/archive-token"
  command="bash $home/archive.sh ${DRILL_ARCHIVE_TO%:*} ${DRILL_ARCHIVE_TO##*:} @$home/archive-token"
  printf 'archive_command = %s\n' "$(quoted "$command '/wal/%f' '%p'")"
}

newest_backup() {
  for file in "$storage"/backups/base-*.json; do [ -e "$file" ] && newest=$(basename "$file" .json); done
  printf %s "${newest:-}"
}

# Each step says that it is done: whoever waits for it takes the times from that.
restore_backup() {
  backup=${DRILL_RESTORE_BACKUP:-$(newest_backup)}
  [ -d "$storage/backups/$backup" ] && [ -n "$backup" ] || fail "expected a base backup in $storage/backups, found none"
  as_postgres test -r "$storage/wal" ||
    fail "$storage cannot be read by postgres: its settings need owner { uid: $(id -u postgres), gid: $(id -g postgres) }"
  say "restore: copying $backup"
  cp -R "$storage/backups/$backup" "$half"
  chown -R postgres:postgres "$half"
  chmod 700 "$half"
  say 'restore: copied'
  if ! found=$(as_postgres pg_verifybackup --quiet "$half" 2>&1); then
    rm -rf "$half"
    fail "restore: $backup is not sound: $(printf %s "$found" | sed 's/^pg_[a-z]*: //; s/^error: //' | paste -sd';' -)"
  fi
  say 'restore: verified'
  if [ -n "${DRILL_RESTORE_PARTIAL:-}" ]; then
    private "$half/pg_wal/$DRILL_RESTORE_PARTIAL" <"$storage/wal/$DRILL_RESTORE_PARTIAL.partial"
  fi
  more=$(cat "$files/restore.conf")
  configure "$half" no "$more
${DRILL_RESTORE_TARGET:-}"
  private "$half/recovery.signal" </dev/null
  rm -f "$half/postmaster.pid"
}

# until_primary: waits for one that takes connections; $deadline says how long
until_primary() {
  until pg_isready -q -t 1 -h "$DRILL_PRIMARY_HOST" -p "$DRILL_PRIMARY_PORT" -U drill_workload -d orders; do
    [ "$(date +%s)" -lt "$deadline" ] ||
      fail "no primary at $DRILL_PRIMARY_HOST:$DRILL_PRIMARY_PORT within ${DRILL_JOIN_SECONDS:-60} s"
    sleep 0.1
  done
}

# base_backup DIRECTORY: of the primary, checked against its manifest
base_backup() {
  deadline=$(($(date +%s) + ${DRILL_JOIN_SECONDS:-60}))
  until_primary
  # `half` never holds more than an attempt; a directory that was asked for must be empty or absent.
  until as_postgres pg_basebackup -d "$(primary drill_replication)" -D "$1" --checkpoint=fast \
    --wal-method=stream --manifest-checksums=SHA256 --no-sync --no-password; do
    [ "$(date +%s)" -lt "$deadline" ] || fail "no base backup of the primary within ${DRILL_JOIN_SECONDS:-60} s"
    sleep 0.5
    until_primary
  done
  as_postgres pg_verifybackup --quiet "$1" || fail "the base backup in $1 does not agree with its manifest"
  say "base backup taken and verified: $1"
}

copy_primary() {
  rm -rf "$half"
  base_backup "$half"
  configure "$half" yes
}

# A rewind needs both timelines' common past in the old directory; it makes a clean shutdown of it by itself.
rewind() {
  [ -s "$data/PG_VERSION" ] || {
    echo 'there is no database to rewind'
    return 1
  }
  # The primary's control file may not know its new timeline yet.
  as_postgres psql -qXd "$(primary postgres) dbname=orders" -c checkpoint >/dev/null 2>&1 || :
  as_postgres pg_rewind -D "$data" --source-server="$(primary postgres) dbname=orders" --no-sync 2>&1
}

case "$mode" in
primary | standby | restore)
  claim_volume
  whole_volume
  current_volume
  rm -rf "$half"
  if [ ! -s "$data/PG_VERSION" ]; then
    write_passfile
    case "$mode" in
    primary) make_database ;;
    standby) copy_primary ;;
    restore) restore_backup ;;
    esac
    mv "$half" "$data"
    [ "$mode" != restore ] || say 'restore: starting'
  fi
  run_server
  ;;
inspect)
  claim_volume
  whole_volume
  [ -s "$data/PG_VERSION" ] || fail "expected a database in $data, found none"
  private /tmp/inspect_hba.conf <"$files/inspect_hba.conf"
  # A standby cannot have fewer than its primary had.
  senders='-c max_wal_senders=0'
  [ ! -e "$data/standby.signal" ] || senders=
  # shellcheck disable=SC2086
  run_server -c listen_addresses='*' -c port=5432 -c hba_file=/tmp/inspect_hba.conf -c archive_mode=off \
    -c restore_command= -c primary_conninfo= -c max_logical_replication_workers=0 \
    -c synchronous_standby_names= -c default_transaction_read_only=on -c autovacuum=off $senders
  ;;
rebuild)
  claim_volume
  write_passfile
  deadline=$(($(date +%s) + ${DRILL_JOIN_SECONDS:-60}))
  until_primary
  : >"$unfinished"
  if output=$(rewind); then
    configure "$data" yes
    how='pg_rewind'
  else
    copy_primary
    rm -rf "$data"
    mv "$half" "$data"
    how="pg_basebackup (pg_rewind: $(printf %s "$output" | tail -n 1))"
  fi
  rm -f "$unfinished" "$superseded"
  say "rebuilt by $how"
  ;;
supersede)
  claim_volume
  : >"$superseded"
  sync "$superseded"
  say 'this database is superseded: it starts no more until it is rebuilt'
  ;;
backup)
  [ $# -eq 2 ] || fail 'expected: postgres.sh backup DIR'
  mkdir -p "$home"
  chown postgres:postgres "$home"
  write_passfile
  mkdir -p "$2"
  chown postgres:postgres "$2"
  base_backup "$2"
  ;;
verify-backup)
  [ $# -eq 2 ] || fail 'expected: postgres.sh verify-backup DIR'
  as_postgres pg_verifybackup "$2"
  ;;
*) fail "expected primary, standby, restore, inspect, rebuild, supersede, backup or verify-backup, found \"$mode\"" ;;
esac
