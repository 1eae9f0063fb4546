# shellcheck shell=bash
# One module: pulled, started, found healthy, reported. Sourced by install.sh.

declare -A is_up=()

# A module counts as up when it has been healthy with what is on disk now, and all its units run.
find_up() {
  local module unit
  for module in "${plan[@]}"; do
    [[ -f $state/modules/$module.stamp ]] || continue
    read_manifest "$module"
    is_up[$module]=1
    for unit in "${module_units[@]}"; do systemctl is-active --quiet "$unit.service" || is_up[$module]=0; done
  done
}

# install_module MODULE: in a process of its own, which ends well when the module is ready.
install_module() {
  local id=$1 module_log=$logs/$1.log
  read_manifest "$id"
  rm -f -- "$state/modules/$id.failure"
  touch -- "$module_log"
  chmod 0640 -- "$module_log"

  attempt MODULE-002 pull_images
  attempt MODULE-003 make_database
  attempt MODULE-006 run_hook before-start
  attempt MODULE-003 start_units
  attempt MODULE-004 wait_until_healthy
  attempt MODULE-006 run_hook after-start
}

# attempt CODE PART...: runs one part of the installation with its output in the module's log. What goes wrong is left
# for the one who reports: the code, and the last 50 lines of the log.
attempt() {
  local code=$1
  shift
  printf -- '--- %(%Y-%m-%dT%H:%M:%SZ)T %s\n' -1 "$*" >>"$module_log"
  "$@" >>"$module_log" 2>&1 && return 0
  add_journal >>"$module_log" 2>&1
  { printf '%s\n' "$code" && tail -n 50 -- "$module_log" | tail -c 8000; } | redact | write_file "$state/modules/$id.failure" 0600
  exit "$reported"
}

pull_images() {
  local image
  for image in "${module_images[@]}"; do
    pull_image 5 "$image" || return 1
  done
}

# The role and the database are made when missing; the password is set each time, so that both sides agree.
make_database() {
  [[ -n $module_database ]] || return 0
  retry 5 "make_in_$module_database_engine"
}

make_in_postgresql() {
  timeout 60 podman exec --interactive wopr-postgresql psql --username=postgres --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<END
SELECT 'CREATE ROLE "$module_database" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$module_database') \gexec
ALTER ROLE "$module_database" PASSWORD '$(<"$etc/secrets/${module_database}_database")';
SELECT 'CREATE DATABASE "$module_database" OWNER "$module_database"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$module_database') \gexec
REVOKE CONNECT ON DATABASE "$module_database" FROM PUBLIC;
END
}

# The password of MariaDB's root is known inside the container; the new one goes in with the statements.
make_in_mariadb() {
  # shellcheck disable=SC2016
  timeout 60 podman exec --interactive wopr-mariadb sh -c 'MYSQL_PWD=$MARIADB_ROOT_PASSWORD exec mariadb --user=root --batch' <<END
CREATE DATABASE IF NOT EXISTS \`$module_database\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS '$module_database'@'%';
ALTER USER '$module_database'@'%' IDENTIFIED BY '$(<"$etc/secrets/${module_database}_database")';
GRANT ALL PRIVILEGES ON \`$module_database\`.* TO '$module_database'@'%';
END
}

# A hook that fails says where; what it was about to do is told as it stands, with nothing filled in.
# shellcheck disable=SC2016
readonly telling_where='trap '\''printf "failed at %s, line %s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND" >&2'\'' ERR; . "$0"'

# run_hook NAME: with the module's address at hand; nothing when the module has no such hook.
run_hook() {
  local hook=$WOPR_MODULES_FOLDER/$id/$1
  [[ -f $hook ]] || return 0
  host_of "$id"
  WOPR_HOST=$REPLY WOPR_URL=https://$REPLY WOPR_MODULE=$id WOPR_ADMIN_EMAIL=$WOPR_ADMIN_EMAIL retry 3 timeout 1200 bash -E -c "$telling_where" "$hook"
}

# A unit is left alone when it runs with what is on disk now; else it is started, or started anew.
start_units() {
  local unit print stamp=$state/modules/$id.stamp
  print=$(fingerprint)
  systemctl daemon-reload || return 1
  for unit in "${module_units[@]}"; do
    if systemctl is-active --quiet "$unit.service" && [[ -f $stamp && $(<"$stamp") == "$print" ]]; then continue; fi
    timeout 660 systemctl restart "$unit.service" || return 1
  done
  printf '%s\n' "$print" | write_file "$stamp" 0600
}

# Of everything that the module's containers are started with.
fingerprint() {
  local files=("$etc/modules/$id.env" "$units/wopr-$id"*) extra
  for extra in "$etc/modules/$id"/*; do [[ -f $extra ]] && files+=("$extra"); done
  [[ $id != caddy ]] || files+=("$etc/Caddyfile")
  cat -- "${files[@]}" | sha256sum
}

wait_until_healthy() {
  local within=${health_seconds:-$module_health_within}
  local deadline=$((SECONDS + within))
  until healthy; do
    if ((SECONDS >= deadline)); then
      echo "not healthy after $within seconds"
      return 1
    fi
    if dies_again_and_again; then return 1; fi
    sleep "$poll_seconds"
  done
}

# A container that systemd has started anew time after time will not become healthy.
dies_again_and_again() {
  local unit restarts
  for unit in "${module_units[@]}"; do
    restarts=$(systemctl show --property=NRestarts --value "$unit.service") || continue
    if ((restarts >= 5)); then
      echo "$unit.service died and was started anew $restarts times"
      return 0
    fi
  done
  return 1
}

# Asked from the beacon itself, at the container's own address: nothing of it is open to the outside.
healthy() {
  local address status
  if ((${#module_health_command[@]} > 0)); then
    timeout 20 podman exec "wopr-$id" "${module_health_command[@]}"
    return
  fi
  address=$(podman inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "wopr-$id") || return 1
  host_of "$id"
  [[ $id != caddy ]] || REPLY=wopr-caddy
  status=$(curl --silent --output /dev/null --max-time 15 --write-out '%{http_code}' \
    --header "Host: $REPLY" --header 'X-Forwarded-Proto: https' "http://$address:$module_port$module_health_path") || true
  [[ " ${module_health_status[*]} " == *" $status "* ]] && return 0
  echo "health: $module_health_path answered $status"
  return 1
}

# A unit that died after it was healthy is not counted as up.
check_all_up() {
  local id unit module_log
  for id in "${plan[@]}"; do
    module_log=$logs/$id.log
    read_manifest "$id"
    for unit in "${module_units[@]}"; do
      (attempt MODULE-004 systemctl is-active "$unit.service") || give_up "$id" "$?"
    done
  done
}

# What the units said themselves; Podman's own notes of every container that comes and goes are left out.
add_journal() {
  local unit
  for unit in "${module_units[@]}"; do
    journalctl --unit "$unit.service" --lines 200 --no-pager --output cat | grep -Ev ' UTC m=\+|^conmon |^[0-9a-f]{64}$' | tail -n 30 || echo "no journal for $unit.service"
  done
}
