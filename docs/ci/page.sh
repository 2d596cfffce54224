#!/bin/sh
# page.sh CODE URL: who is told of the exit code of `drill run`. The addresses take a POST of JSON:
# PRODUCT_TEAM_HOOK of the team whose system was drilled, TEST_SYSTEM_HOOK of whoever owns drill's
# machine and files.
set -eu
code=$1 url=$2
case $code in
  0) exit 0 ;;
  1) hook=$PRODUCT_TEAM_HOOK text='A recovery target was missed' ;;
  3) hook=$TEST_SYSTEM_HOOK text='A drill was inconclusive: nothing was proved' ;;
  4) hook=$TEST_SYSTEM_HOOK text='A drill could not be run: the environment lacks something' ;;
  5) hook=$TEST_SYSTEM_HOOK text='A drill left something behind: npx drill clean' ;;
  *) hook=$TEST_SYSTEM_HOOK text="drill ended with $code" ;;
esac
curl --fail --silent --show-error --max-time 30 --header 'content-type: application/json' \
  --data "{\"text\":\"$text: $url\"}" "$hook"
