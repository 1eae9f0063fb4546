# shellcheck shell=bash
# The database that a script of deploy/ works on, as the PostgreSQL tools want it. Sourced after common.sh.

private_cluster=''

# use_database FOLDER: the server that WOPR_DATABASE names, else the private cluster below FOLDER, which is started for as
# long as this script runs when nobody runs it. Sets PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE.
use_database() {
  local folder=$1
  [ -n "${WOPR_DATABASE:-}" ] || WOPR_DATABASE=$(running_cluster "$folder")
  [ -n "$WOPR_DATABASE" ] || start_cluster "$folder"
  parse_connection "$WOPR_DATABASE"
  "$(postgres_bin)/psql" -qAtX -c 'SELECT 1' >/dev/null || die "the database does not answer"
}

# The connection string of a private cluster that deploy/up runs right now; empty when none does.
running_cluster() {
  local pid_file=$1/postgres/data/postmaster.pid socket
  [ -r "$pid_file" ] || return 0
  socket=$(sed -n 5p "$pid_file")
  if "$(postgres_bin)/pg_isready" -q -h "$socket" -U wopr; then printf 'Host=%s;Username=wopr;Database=wopr' "$socket"; fi
}

start_cluster() {
  local pipes
  pipes=$(mktemp -d)
  mkfifo -m 600 "$pipes/in" "$pipes/out"
  "$ROOT/deploy/postgres" "$1/postgres" <"$pipes/in" >"$pipes/out" &
  private_cluster=$!
  # It lives as long as this end of its standard input.
  exec 8>"$pipes/in"
  IFS= read -r -t 90 WOPR_DATABASE <"$pipes/out" || die "PostgreSQL does not start"
  rm -r "$pipes"
}

# leave_database: ends the cluster that use_database started.
leave_database() {
  [ -n "$private_cluster" ] || return 0
  exec 8>&-
  wait "$private_cluster" || true
}

# Npgsql's words into those of the PostgreSQL tools.
parse_connection() {
  local pair name value
  local -a pairs
  IFS=';' read -ra pairs <<<"$1"
  for pair in "${pairs[@]}"; do
    [ -n "$pair" ] || continue
    name=$(printf '%s' "${pair%%=*}" | tr '[:upper:]' '[:lower:]') value=${pair#*=}
    case $name in
      host | server) export PGHOST=$value ;;
      port) export PGPORT=$value ;;
      database | db) export PGDATABASE=$value ;;
      username | 'user id' | user) export PGUSER=$value ;;
      password) export PGPASSWORD=$value ;;
      'ssl mode') PGSSLMODE=$(printf '%s' "$value" | tr '[:upper:]' '[:lower:]') && export PGSSLMODE ;;
      *) ;; # pooling, time-outs: the driver's own affairs
    esac
  done
}
