#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# Run by a timer on a finished beacon: fetches the plan, tells WOPR how the beacon is, and has a new plan carried out.
# The token is read from its file and stands on no command line and in no log.
set -euo pipefail

runner=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
export WOPR_MODULES_FOLDER=${runner%/*}
# shellcheck source=lib/base.sh
. "$runner/lib/base.sh"
# shellcheck source=lib/plan.sh
. "$runner/lib/plan.sh"
# shellcheck source=lib/manifest.sh
. "$runner/lib/manifest.sh"
# shellcheck source=lib/first-boot.sh
. "$runner/lib/first-boot.sh"
# shellcheck source=lib/heartbeat.sh
. "$runner/lib/heartbeat.sh"
# shellcheck source=lib/first-sign-in.sh
. "$runner/lib/first-sign-in.sh"

agent=$state/agent
# A plan that failed is tried again after this many seconds; a new one at once.
again_seconds=${WOPR_PLAN_RETRY_SECONDS:-3600}

main() {
  local trouble=0
  mkdir -p -- "$agent"
  load_beacon
  fetch_plan || trouble=1
  adopt_first_plan
  heartbeat | write_file "$agent/heartbeat.json" 0600
  if send_heartbeat; then hand_over "$agent/answer" || trouble=1; else trouble=1; fi
  carry_out
  return "$trouble"
}

# call PATH OPTION...: one call with further lines of curl's configuration; prints the HTTP status, 000 without an answer.
call() {
  curl --config - <<END || true
url = "${WOPR_CALLBACK_URL%%/api/*}/api/beacons/$WOPR_JOB_ID/$1"
header = "X-Beacon-Token: $(<"$etc/secrets/wopr_agent")"
silent
connect-timeout = 10
max-time = 60
retry = 2
retry-connrefused
proto = "=http,https"
write-out = "%{http_code}"
$(printf '%s\n' "${@:2}")
END
}

fetch_plan() {
  local status part=$agent/plan.part
  status=$(call plan "output = \"$part\"" "etag-compare = \"$agent/etag\"" "etag-save = \"$agent/etag.part\"")
  case $status in
    304) ;;
    200) keep_plan "$part" && mv -f -- "$agent/etag.part" "$agent/etag" ;;
    *) refused 'the plan' "$status" ;;
  esac
}

# keep_plan FILE: nothing is taken that does not look like a plan to the last character.
keep_plan() {
  local name='"[a-z][a-z0-9-]{0,62}"' shape number list sha256
  shape="^\{\"number\":([0-9]{1,9}),\"modules\":\[($name(,$name)*)\],\"installer_sha256\":\"([0-9a-f]{64})\"\}\$"
  if ! [[ $(<"$1") =~ $shape ]]; then
    log 'agent: the plan is not understood'
    return 1
  fi
  number=${BASH_REMATCH[1]} list=${BASH_REMATCH[2]} sha256=${BASH_REMATCH[4]}
  list=${list//\"/}
  write_file "$agent/wanted.env" 0600 <<END
WOPR_PLAN=$number
WOPR_MODULES='${list//,/ }'
WOPR_INSTALLER_SHA256=$sha256
WOPR_INSTALLER_URL='${WOPR_INSTALLER_URL%/*}/$sha256.tar.gz'
END
}

# The first plan tells the beacon what it is already: there is nothing to do for it.
adopt_first_plan() {
  local have="${plan[*]} $WOPR_INSTALLER_SHA256"
  [[ -f $agent/wanted.env && ! -f $agent/applied.env && ! -f $etc/plan.env ]] || return 0
  # shellcheck source=/dev/null
  if (. "$agent/wanted.env" && [[ "$WOPR_MODULES $WOPR_INSTALLER_SHA256" == "$have" ]]); then
    write_file "$agent/applied.env" 0600 <"$agent/wanted.env"
  fi
}

send_heartbeat() {
  local status
  status=$(call heartbeat 'header = "Content-Type: application/json"' "data-binary = \"@$agent/heartbeat.json\"" "output = \"$agent/answer\"" 'max-filesize = 65536')
  [[ $status == 2?? ]] || refused 'the heartbeat' "$status"
}

refused() {
  case $2 in
    4[0-1]? | 422) log "agent: $1 was refused with $2" ;;
    *) log "agent: $1 waits: answer $2" ;;
  esac
  return 1
}

# systemd starts it once however often it is asked, and in its own time.
carry_out() {
  case $(plan_state) in
    applied) return 0 ;;
    failed) (($(date +%s) - $(date +%s --reference="$agent/failed.env") >= again_seconds)) || return 0 ;;
  esac
  systemctl start --no-block wopr-plan.service
}

main "$@"
