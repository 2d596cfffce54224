#!/usr/bin/env bash
# archive.sh HOST PORT TOKEN PATH FILE: brings one finished segment of write-ahead log to the storage (PUT PATH), as an
# archive_command. It ends with 0 only when the storage has said that the file is on its disk. TOKEN may be @ and the
# path of a file with it, so that it stands in no log. Nothing but bash and coreutils: a database's image has no more.
# DRILL_ARCHIVE_SECONDS (20) is how long it waits for the answer.
set -u
export LC_ALL=C

fail() {
  printf 'archive.sh: %s\n' "$*" >&2
  exit 1
}

[ $# -eq 5 ] || fail 'expected HOST PORT TOKEN PATH FILE'
host=$1 port=$2 token=$3 path=$4 file=$5
case $token in @*) token=$(cat "${token#@}") || fail "there is no token in ${token#@}" ;; esac
bytes=$(wc -c <"$file") || fail "$file cannot be read"

{ exec 3<>"/dev/tcp/$host/$port"; } 2>/dev/null || fail "nothing listens on $host:$port"
# In the background, for a link that swallows everything would hold it for ever.
{
  printf 'PUT %s HTTP/1.1\r\nhost: %s:%s\r\nauthorization: Bearer %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n' \
    "$path" "$host" "$port" "$token" "$bytes"
  exec cat "$file"
} >&3 2>/dev/null &
sender=$!
trap 'kill "$sender" 2>/dev/null' EXIT

read -r -t "${DRILL_ARCHIVE_SECONDS:-20}" _ status _ <&3 || fail "no answer from $host:$port"
case $status in 200 | 201) exit 0 ;; esac
# The reason stands after the empty line.
reason='' is_body=no
while IFS= read -r -t 2 line <&3; do
  line=${line%$'\r'}
  [ "$is_body" = no ] || reason=$reason$line
  [ -n "$line" ] || is_body=yes
done
fail "$path: the storage answered $status $reason"
