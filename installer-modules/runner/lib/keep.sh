# shellcheck shell=bash
# What backup.sh and restore.sh share: the plan, and what each module keeps. Sourced by both, after plan.sh.

etc=${WOPR_ROOT:-}/etc/wopr

log() {
  printf '%(%Y-%m-%dT%H:%M:%SZ)T %s\n' -1 "$*"
}

# load_names MODULE...: the plan's modules, or those that are named, into `names`.
load_names() {
  local module
  load_beacon
  names=("$@")
  ((${#names[@]} > 0)) || names=("${plan[@]}")
  for module in "${names[@]}"; do
    [[ " ${plan[*]} " == *" $module "* ]] || { log "there is no module '$module' on this beacon"; return 1; }
  done
}

# volumes_of MODULE: the names of its own volumes, one a line.
volumes_of() {
  local file
  for file in "$WOPR_MODULES_FOLDER/$1"/*.volume; do
    [[ -f $file ]] || continue
    file=${file##*/}
    printf '%s\n' "${file%.volume}"
  done
}

# The password of MariaDB's root is known inside its container and stands on no command line.
in_mariadb() {
  # shellcheck disable=SC2016
  podman exec --interactive wopr-mariadb sh -c 'export MYSQL_PWD=$MARIADB_ROOT_PASSWORD; exec "$0" --user=root "$@"' "$@"
}
