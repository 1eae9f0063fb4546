#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# restore.sh FOLDER [MODULE...]: puts back what backup.sh wrote. Each module is stopped, and what it has now is replaced.
# Without names: every module of the beacon that FOLDER holds; PostgreSQL and MariaDB come before those that use them.
set -euo pipefail

runner=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
export WOPR_MODULES_FOLDER=${runner%/*}
# shellcheck source=lib/plan.sh
. "$runner/lib/plan.sh"
# shellcheck source=lib/manifest.sh
. "$runner/lib/manifest.sh"
# shellcheck source=lib/keep.sh
. "$runner/lib/keep.sh"

source=${1:?usage: restore.sh FOLDER [MODULE...]}
shift

main() {
  local module
  load_names "$@"
  for module in "${names[@]}"; do
    [[ -d $source/$module ]] || { log "$module: nothing in $source"; continue; }
    read_manifest "$module"
    if [[ -f $WOPR_MODULES_FOLDER/$module/restore ]]; then
      bash "$WOPR_MODULES_FOLDER/$module/restore" "$source/$module"
    else
      systemctl stop "${module_units[@]/%/.service}"
      read_volumes "$module"
      read_database "$module"
      systemctl start "${module_units[@]/%/.service}"
    fi
    log "$module: restored"
  done
  # Stopping one module stops those that require it.
  for module in "${plan[@]}"; do
    read_manifest "$module"
    systemctl start "${module_units[@]/%/.service}"
  done
}

# A volume is made anew, so that nothing of what it holds now is left.
read_volumes() {
  local volume
  while IFS= read -r volume; do
    [[ -f $source/$1/$volume.tar ]] || { log "$1: $volume.tar is missing"; return 1; }
    podman volume rm --force "$volume" >/dev/null
    systemctl restart "$volume-volume.service"
    podman volume import "$volume" "$source/$1/$volume.tar"
  done < <(volumes_of "$1")
}

read_database() {
  local file=$source/$1/database
  case ${module_database:+$module_database_engine} in
    '') ;;
    postgresql) podman exec --interactive wopr-postgresql pg_restore --username=postgres --dbname="$module_database" --clean --if-exists --exit-on-error <"$file" ;;
    mariadb) in_mariadb mariadb <"$file" ;;
  esac
}

main "$@"
