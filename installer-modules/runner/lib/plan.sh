# shellcheck shell=bash
# What this beacon is to consist of: as it was born, or as the newest plan says that it has been given since.
# Sourced by all programs of the runner.

load_beacon() {
  # shellcheck source=/dev/null
  . "$etc/bootstrap.env"
  # shellcheck source=/dev/null
  [[ ! -r $etc/plan.env ]] || . "$etc/plan.env"
  # shellcheck disable=SC2153
  read -r -a plan <<<"$WOPR_MODULES"
}
