#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# backup.sh FOLDER [MODULE...]: writes what the modules keep to FOLDER/MODULE/: volumes as tar, the database as a dump.
# A module stands still while it is written, for seconds, so that its files and its records belong together.
# What another way suits better has a `backup` of its own. Without names: every module of the beacon.
set -euo pipefail

runner=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
export WOPR_MODULES_FOLDER=${runner%/*}
# shellcheck source=lib/plan.sh
. "$runner/lib/plan.sh"
# shellcheck source=lib/manifest.sh
. "$runner/lib/manifest.sh"
# shellcheck source=lib/keep.sh
. "$runner/lib/keep.sh"

target=${1:?usage: backup.sh FOLDER [MODULE...]}
shift
umask 077

main() {
  local module
  load_names "$@"
  for module in "${names[@]}"; do
    mkdir -p -- "$target/$module"
    if [[ -f $WOPR_MODULES_FOLDER/$module/backup ]]; then
      bash "$WOPR_MODULES_FOLDER/$module/backup" "$target/$module"
    else
      # A shell of its own, so that the containers go on whatever happens.
      (keep_still "$module" && write_volumes "$module" && write_database "$module")
    fi
    log "$module: written"
  done
}

keep_still() {
  read_manifest "$1"
  trap 'podman unpause "${module_units[@]}" >/dev/null' EXIT
  podman pause "${module_units[@]}" >/dev/null
}

write_volumes() {
  local volume
  while IFS= read -r volume; do
    podman volume export --output "$target/$1/$volume.tar.part" "$volume" || return 1
    mv -- "$target/$1/$volume.tar.part" "$target/$1/$volume.tar"
  done < <(volumes_of "$1")
}

write_database() {
  local file=$target/$1/database
  case ${module_database:+$module_database_engine} in
    '') return 0 ;;
    postgresql) podman exec wopr-postgresql pg_dump --username=postgres --format=custom --dbname="$module_database" >"$file.part" ;;
    mariadb) in_mariadb mariadb-dump --single-transaction --routines --databases "$module_database" </dev/null >"$file.part" ;;
  esac || return 1
  mv -- "$file.part" "$file"
}

main "$@"
