# Debian packages, of Debian 12 and, where that is too old, of Debian 13. Sourced by `run`.

say() { printf '== %s (%s s)\n' "$*" "$SECONDS"; }

is_updated=no
update_once() {
  if [ "$is_updated" = no ]; then apt-get update -qq; fi
  is_updated=yes
}

# need_packages COMMAND:PACKAGE…: installs the packages of the commands that are not on PATH
need_packages() {
  local tool missing=()
  for tool in "$@"; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  update_once
  without_starting apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# PostgreSQL's package would make a cluster of its own, which nobody asked for.
without_cluster() {
  mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/drill-ci.conf
}

# Patroni; PostgreSQL's user runs it.
find_patroni() { need_python patroni-4.1.5 'patroni[etcd3]==4.1.5' 'psycopg[binary]==3.3.9'; }

# The command of AWS, and what stands in for AWS.
find_aws() {
  command -v aws >/dev/null && command -v moto_server >/dev/null || need_python aws-1.46.3 'awscli==1.46.3' 'moto[server]==5.2.5'
}

# need_python NAME PACKAGE…: packages of PyPI, on PATH behind all else, since their folder has a Python too. Not below
# root's home: others run them.
need_python() {
  local folder=/var/cache/drill-ci/$1
  shift
  if [ ! -e "$folder/whole" ]; then
    need_packages /usr/bin/python3:python3
    if ! /usr/bin/python3 -c 'import ensurepip' 2>/dev/null; then
      update_once
      apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    fi
    say "installing $*"
    rm -rf "$folder"
    mkdir -p "${folder%/*}"
    /usr/bin/python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet "$@"
    touch "$folder/whole"
  fi
  export PATH="$PATH:$folder/bin"
}

# need_newer PACKAGE…: from Debian 13, whose packages are not preferred otherwise
need_newer() {
  say "installing $* of Debian 13"
  know_trixie
  without_starting apt-get install -y -qq --no-install-recommends -t trixie "$@" >/dev/null
}

# A package's service (redis, docker) is not to run beside what the tests start themselves.
without_starting() {
  local policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  local status=0
  "$@" || status=$?
  rm -f "$policy"
  return $status
}

# The suite beside the machine's own one, from the same place.
know_trixie() {
  if ! apt-cache policy | grep 'n=trixie' >/dev/null; then
    update_once
    local from
    from=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
      sed -n '/^Debian|Debian|/{s///p;q}')
    [ -n "$from" ] || {
      echo "apt knows no source of Debian's packages" >&2
      return 1
    }
    cat >/etc/apt/sources.list.d/drill-ci-trixie.sources <<SOURCES
Types: deb
URIs: $from
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' >/etc/apt/preferences.d/drill-ci-trixie
    is_updated=no
  fi
  update_once
}
