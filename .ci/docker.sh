# A docker engine with compose and drill's images, and the real Toxiproxy. Sourced by `run`, after packages.sh.

engine=
engine_log=

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# Takes the engine that is there, else starts one; `stop_docker` ends only the one that was started.
start_docker() {
  need_packages docker:docker.io
  if ! engine_answers; then
    need_packages /usr/sbin/dockerd:docker.io iptables:iptables
    # Of an engine that has ended; of one that lives, it would have answered.
    rm -f /var/run/docker.pid /run/docker/containerd/containerd.pid
    engine_log=$(mktemp /tmp/drill-ci-dockerd.XXXXXX)
    say "starting dockerd, log in $engine_log"
    /usr/sbin/dockerd >"$engine_log" 2>&1 &
    engine=$!
    until_answering
  fi
  docker compose version >/dev/null 2>&1 || need_newer docker-compose
  say "docker $(docker version --format '{{.Server.Version}}'), compose $(docker compose version --short)"
}

until_answering() {
  local tries
  for tries in $(seq 1 300); do
    engine_answers && return
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.1
  done
  echo "dockerd does not answer ($tries tries); the end of $engine_log:" >&2
  tail -n 20 "$engine_log" >&2
  return 1
}

stop_docker() {
  [ -n "$engine" ] || return 0
  kill "$engine" 2>/dev/null || :
  wait "$engine" 2>/dev/null || :
  rm -f "$engine_log"
}

# The images of compose.yaml, made once and cached outside the repository; their names go to the tests.
make_images() {
  if ! compose/images/build-local.sh --check >/dev/null; then
    need_packages mmdebstrap:mmdebstrap
    need_go
    compose/images/build-local.sh
  fi
  set -a
  # shellcheck source=compose/local-images.env
  . compose/local-images.env
  set +a
}

# Debian 12's own Go is too old for Toxiproxy.
need_go() {
  local version
  version=$(go env GOVERSION 2>/dev/null || :)
  case "$version" in
  go1.2[3-9]* | go1.[3-9][0-9]* | go[2-9]*) ;;
  *) need_newer golang-go ;;
  esac
}

# The binary that the image has, on PATH for the embedded runtime.
find_toxiproxy() {
  command -v toxiproxy-server >/dev/null && return
  local folder
  folder=$(compose/images/build-local.sh --toxiproxy 2>/dev/null) || {
    need_go
    folder=$(compose/images/build-local.sh --toxiproxy)
  }
  export PATH="$folder:$PATH"
}
