#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# Turns a server into the beacon that /etc/wopr/bootstrap.env describes: each module is laid out, pulled, started,
# found healthy and reported, one after the other. Running it again repairs or changes nothing.
set -euo pipefail

runner=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
export WOPR_MODULES_FOLDER=${runner%/*}
# shellcheck source=lib/base.sh
. "$runner/lib/base.sh"
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
# shellcheck source=lib/module.sh
. "$runner/lib/module.sh"

main() {
  trap say_why_it_ended EXIT
  load_plan
  check_plan
  lay_out
  start_network

  local position=0
  for module in "${plan[@]}"; do
    install_module "$module" "$((20 + 75 * position / ${#plan[@]}))" "$((20 + 75 * (position + 1) / ${#plan[@]}))"
    position=$((position + 1))
  done

  check_all_up
  report health_ready 97
  mark_complete
  report complete 100
  log 'every module is up'
}

# The plan is read once, before anything is touched.
load_plan() {
  [[ -r $etc/bootstrap.env ]] || fail CLOUDINIT-003 '' "$etc/bootstrap.env is missing"
  # shellcheck source=/dev/null
  . "$etc/bootstrap.env"
  read -r -a plan <<<"$WOPR_MODULES"
  log "plan: ${plan[*]}"
}

check_plan() {
  local module needed seen=' '
  for module in "${plan[@]}"; do
    [[ -r $WOPR_MODULES_FOLDER/$module/manifest.env ]] || fail INSTALLER-002 "$module" "the installer has no module '$module'"
    read_manifest "$module"
    remember_host "$module"
    for needed in "${module_requires[@]}"; do
      [[ $seen == *" $needed "* ]] || fail INSTALLER-003 "$module" "'$module' needs '$needed', which does not come before it"
    done
    seen+="$module "
  done
}

main "$@"
