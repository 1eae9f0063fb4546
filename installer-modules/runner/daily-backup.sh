#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# Run by a timer: writes what every module keeps to /var/backups/wopr/DATE, on the server's own disk, and removes what is
# older than the storage tier promises. The oldest also go when the disk is short of room. What came of it is told with
# the next heartbeat. `restore.sh /var/backups/wopr/DATE [MODULE...]` puts it back.
set -euo pipefail

runner=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
export WOPR_MODULES_FOLDER=${runner%/*}
# shellcheck source=lib/base.sh
. "$runner/lib/base.sh"
# shellcheck source=lib/manifest.sh
. "$runner/lib/manifest.sh"
# shellcheck source=lib/secrets.sh
. "$runner/lib/secrets.sh"
# shellcheck source=lib/plan.sh
. "$runner/lib/plan.sh"

backups=$root/var/backups/wopr
# Per cent of the disk that backups leave free.
readonly keep_free=20
umask 077
failed=()

main() {
  local today
  today=$(date -u +%F)
  mkdir -p -- "$backups" "$state/agent" "$logs"
  load_beacon
  # Neither while modules are being started anew, nor the other way round.
  exec 7>"$state/runner.lock"
  if ! flock --wait 7200 7; then
    note false 'the runner did not end within two hours'
    return 1
  fi

  rm -rf -- "$backups"/*.part "$backups"/*.incomplete
  drop_old
  make_room
  write_all "$backups/$today.part"
  if ((${#failed[@]} > 0)); then
    mv -T -- "$backups/$today.part" "$backups/$today.incomplete"
    note false "failed: ${failed[*]}"$'\n'"$(tail -n 20 -- "$logs/backup.log" | cut -c 1-300)"
    return 1
  fi
  rm -rf -- "${backups:?}/$today"
  mv -T -- "$backups/$today.part" "$backups/$today"
  note true ''
}

# One that fails does not keep the others from being written. Secrets belong to it: without them data cannot be read.
write_all() {
  local module
  mkdir -p -- "$1"
  tar -C "$etc" -czf "$1/settings.tar.gz" . || failed+=(settings)
  for module in "${plan[@]}"; do
    was_installed "$module" || continue
    bash "$runner/backup.sh" "$1" "$module" >>"$logs/backup.log" 2>&1 7>&- || failed+=("$module")
  done
}

# Whole backups, the oldest first.
days() {
  find "$backups" -mindepth 1 -maxdepth 1 -type d -name '????-??-??' -printf '%f\n' | sort
}

# 7, 30 or 90 days, as the storage tiers in the service's catalogue.json promise; today's is one of them.
drop_old() {
  local keep day
  case $WOPR_STORAGE_TIER in
    1) keep=7 ;;
    2) keep=30 ;;
    *) keep=90 ;;
  esac
  while IFS= read -r day; do
    log "$day: one of more than $keep"
    rm -rf -- "${backups:?}/$day"
  done < <(days | head -n "-$((keep - 1))")
}

# The newest stays in any case.
make_room() {
  local day
  while IFS= read -r day; do
    (($(free_percent) < keep_free)) || return 0
    log "$day: removed, for less than $keep_free % of the disk are free"
    rm -rf -- "${backups:?}/$day"
  done < <(days | head -n -1)
}

free_percent() {
  df --output=size,avail --block-size=1M -- "$root/var/lib" | awk 'END { printf "%d", $2 * 100 / $1 }'
}

# note OK MESSAGE
note() {
  printf '%(%Y-%m-%dT%H:%M:%SZ)T\n%s\n%d\n%s\n' -1 "$1" "$(days | wc -l)" "$2" | redact | write_file "$state/agent/backup" 0600
}

main "$@"
