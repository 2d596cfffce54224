#!/usr/bin/env bash
# Makes the images of compose.yaml where no registry can be reached, from Debian packages and the Go module of
# Toxiproxy, on a Debian machine and as root:
#
#   drill-local/postgres:17  drill-local/redis:8  drill-local/node:20   one Debian 13 tree under three names
#   drill-local/toxiproxy:2.12.0                                        the two binaries alone, as in the official image
#
# `local-images.env`, beside compose.yaml, names them. Does nothing for images that exist; keeps the tree and the
# binaries in ${XDG_CACHE_HOME:-~/.cache}/drill-images, so that only a first run takes minutes.
# `--check`: says which exist, exit code 0 when all do. `--toxiproxy`: only the binaries; prints their folder.
set -euo pipefail

# Goes up when an image is made differently; the images carry it as a label.
form=1
label=dr.drill.image-form
toxiproxy_version=2.12.0
tree_images=(drill-local/postgres:17 drill-local/redis:8 drill-local/node:20)
toxiproxy_image=drill-local/toxiproxy:$toxiproxy_version
packages=postgresql-17,redis-server,nodejs
cache="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/drill-images"
tree="$cache/trixie-$form.tar"
binaries="$cache/toxiproxy-$toxiproxy_version"

say() { printf 'build-local: %s\n' "$*" >&2; }
fail() {
  say "$1"
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# need COMMAND INSTALL-LINE
need() {
  command -v "$1" >/dev/null || fail "expected $1 on PATH, found none" "to install it: $2"
}

is_built() {
  [ "$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1" 2>/dev/null)" = "$form" ]
}

need_docker() {
  need docker 'apt-get install --no-install-recommends docker.io iptables'
  local error
  error=$(docker version --format '{{.Server.Version}}' 2>&1 >/dev/null) ||
    fail 'expected a docker engine that answers' "docker says: ${error:-nothing}" 'to start one: /usr/sbin/dockerd &'
}

check() {
  local image state=0
  for image in "${tree_images[@]}" "$toxiproxy_image"; do
    if is_built "$image"; then echo "present  $image"; else
      echo "missing  $image"
      state=1
    fi
  done
  return $state
}

# The address of Debian's own packages, as this machine's apt knows it.
mirror() {
  local found
  found=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n '/^Debian|Debian|/{s///p;q}')
  [ -n "$found" ] || fail "apt knows no source of Debian's packages" 'to read the sources: apt-get update'
  printf '%s\n' "$found"
}

# Written beside and renamed when whole, so that an interrupted run leaves no half of one.
make_tree() {
  [ -s "$tree" ] && return
  need mmdebstrap 'apt-get install --no-install-recommends mmdebstrap'
  [ "$(id -u)" = 0 ] || fail 'expected to run as root: mmdebstrap makes a tree with its owners' "sudo $0"
  local from
  from=$(mirror)
  say "making a Debian 13 tree with $packages from $from (about a minute)"
  mmdebstrap --quiet --variant=minbase --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --format=tar trixie "$tree.$$" "$from" >&2
  mv "$tree.$$" "$tree"
}

make_binaries() {
  [ -x "$binaries/toxiproxy-server" ] && [ -x "$binaries/toxiproxy-cli" ] && return
  need go 'apt-get install --no-install-recommends golang-go (1.23 or newer; Debian 12 has it in trixie only)'
  say "building Toxiproxy $toxiproxy_version from its Go module"
  local half="$binaries.$$"
  mkdir -p "$half"
  GOBIN="$half" CGO_ENABLED=0 GOFLAGS=-trimpath go install \
    -ldflags "-s -w -X github.com/Shopify/toxiproxy/v2.Version=$toxiproxy_version" \
    "github.com/Shopify/toxiproxy/v2/cmd/server@v$toxiproxy_version" \
    "github.com/Shopify/toxiproxy/v2/cmd/cli@v$toxiproxy_version" >&2
  mv "$half/server" "$half/toxiproxy-server"
  mv "$half/cli" "$half/toxiproxy-cli"
  rm -rf "$binaries"
  mv "$half" "$binaries"
}

import_tree() {
  local image missing=()
  for image in "${tree_images[@]}"; do is_built "$image" || missing+=("$image"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  make_tree
  say "importing ${missing[*]}"
  docker import --change "LABEL $label=$form" "$tree" "${missing[0]}" >/dev/null
  for image in "${missing[@]:1}"; do docker tag "${missing[0]}" "$image"; done
}

import_toxiproxy() {
  is_built "$toxiproxy_image" && return
  make_binaries
  say "importing $toxiproxy_image"
  tar -C "$binaries" --transform='s/^toxiproxy-server$/toxiproxy/' --owner=0 --group=0 \
    -cf - toxiproxy-server toxiproxy-cli |
    docker import --change "LABEL $label=$form" --change 'ENTRYPOINT ["/toxiproxy"]' \
      --change 'CMD ["-host=0.0.0.0"]' - "$toxiproxy_image" >/dev/null
}

trap 'rm -rf "$tree.$$" "$binaries.$$"' EXIT
case "${1:-}" in
--check)
  need_docker
  check
  ;;
--toxiproxy)
  mkdir -p "$cache"
  make_binaries
  printf '%s\n' "$binaries"
  ;;
'')
  need_docker
  mkdir -p "$cache"
  import_tree
  import_toxiproxy
  check
  ;;
*) fail "expected no argument, --check or --toxiproxy, found \"$1\"" ;;
esac
