# shellcheck shell=bash
# What hooks need to set an application up through its own interface. Sourced by the hooks of modules.

# secret_file NAME: where one of the beacon's secrets is; programs read it there rather than from a command line.
secret_file() {
  printf '%s/etc/wopr/secrets/%s' "${WOPR_ROOT:-}" "$1"
}

secret() {
  cat -- "$(secret_file "$1")"
}

# ask CONTAINER PORT PATH [OPTION...]: asks as Caddy would; prints the status, 000 when there was no answer.
ask() {
  request "$@" --output /dev/null --write-out '%{http_code}' || true
}

# ask_body CONTAINER PORT PATH [OPTION...]: prints the answer; fails when it is a refusal.
ask_body() {
  request "$@" --fail-with-body
}

request() {
  local container=$1 port=$2 path=$3 address
  shift 3
  address=$(podman inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$container") || return 1
  curl --silent --show-error --max-time 60 --header "Host: ${WOPR_HOST:-$container}" --header 'X-Forwarded-Proto: https' "$@" "http://$address:$port$path"
}
