#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# Turns a server into the beacon that /etc/wopr/bootstrap.env describes: each module is laid out, pulled, started,
# found healthy and reported, as soon as what it needs is ready. Running it again repairs or changes nothing.
# What the plan has no longer is stopped and removed; its data stay. With --lay-out everything is written and nothing is
# started.
set -Eeuo pipefail

runner=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
export WOPR_MODULES_FOLDER=${runner%/*}
# shellcheck source=lib/base.sh
. "$runner/lib/base.sh"
# shellcheck source=lib/plan.sh
. "$runner/lib/plan.sh"
# shellcheck source=lib/manifest.sh
. "$runner/lib/manifest.sh"
# shellcheck source=lib/secrets.sh
. "$runner/lib/secrets.sh"
# shellcheck source=lib/layout.sh
. "$runner/lib/layout.sh"
# shellcheck source=lib/caddy.sh
. "$runner/lib/caddy.sh"
# shellcheck source=lib/sign-in.sh
. "$runner/lib/sign-in.sh"
# shellcheck source=lib/face.sh
. "$runner/lib/face.sh"
# shellcheck source=lib/room.sh
. "$runner/lib/room.sh"
# shellcheck source=lib/images.sh
. "$runner/lib/images.sh"
# shellcheck source=lib/first-boot.sh
. "$runner/lib/first-boot.sh"
# shellcheck source=lib/module.sh
. "$runner/lib/module.sh"
# shellcheck source=lib/schedule.sh
. "$runner/lib/schedule.sh"
# shellcheck source=lib/removal.sh
. "$runner/lib/removal.sh"
# shellcheck source=lib/timers.sh
. "$runner/lib/timers.sh"

main() {
  trap 'failed_at="${BASH_SOURCE[0]##*/}, line $LINENO: $BASH_COMMAND"' ERR
  trap say_why_it_ended EXIT
  load_plan
  check_plan
  [[ ${1:-} != --lay-out ]] || { lay_out; return; }
  wait_for_others
  check_room
  remove_absent
  lay_out
  pull_ahead
  start_network
  install_all
  check_all_up
  forget_images
  report health_ready 97
  mark_complete
  start_timers
  report complete 100 --message "$(first_boot_result | redact)" --agent "$(agent_token_hash)"
  log 'every module is up'
}

# The plan is read once, before anything is touched.
load_plan() {
  [[ -r $etc/bootstrap.env ]] || fail CLOUDINIT-003 '' "$etc/bootstrap.env is missing"
  load_beacon
  log "plan: ${plan[*]}"
}

# Two runs at a time would undo each other's work: a plan that is carried out, an operator, a backup.
wait_for_others() {
  mkdir -p -- "$state"
  exec 7>"$state/runner.lock"
  flock --wait 7200 7 || fail INSTALLER-007 '' 'another run of the runner does not end'
}

check_plan() {
  local module needed seen=' ' core=''
  for module in "${plan[@]}"; do
    [[ -r $WOPR_MODULES_FOLDER/$module/manifest.env ]] || fail INSTALLER-002 "$module" "the installer has no module '$module'"
    read_manifest "$module"
    remember_host "$module"
    for needed in "${module_requires[@]}"; do
      [[ $seen == *" $needed "* ]] || fail INSTALLER-003 "$module" "'$module' needs '$needed', which does not come before it"
    done
    # Applications may count on the whole core.
    needs[$module]="${module_requires[*]}"
    if [[ $module_core == 1 ]]; then core+=" $module"; else needs[$module]+=$core; fi
    seen+="$module "
  done
}

main "$@"
