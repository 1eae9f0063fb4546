#!/bin/bash
# shellcheck source-path=SCRIPTDIR
# Makes the beacon what its newest plan says: the bootstrap that once made it is run again and goes by the plan, with the
# installer that the plan pins. What came of it is told with the next heartbeat.
set -euo pipefail

runner=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib/base.sh
. "$runner/lib/base.sh"

agent=$state/agent

main() {
  exec 5>>"$agent/plan.lock"
  flock --nonblock 5 || { log 'a plan is being carried out already'; return 0; }
  # The job is over: what the runner reports on its way is for the heartbeat and no longer for the job.
  : >"$state/over"
  rm -f -- "$state/failure"
  # As it is now: a newer one that comes meanwhile is the next one's.
  write_file "$agent/tried.env" 0600 <"$agent/wanted.env"
  write_file "$etc/plan.env" 0600 <"$agent/tried.env"
  if bash "$root/opt/wopr/bootstrap.sh" 5>&-; then
    log 'the plan is carried out'
    rm -f -- "$agent/failed.env" "$agent/failure"
    mv -f -- "$agent/tried.env" "$agent/applied.env"
  else
    log 'the plan could not be carried out'
    keep_failure
  fi
  exec 5>&-
  systemctl start --no-block wopr-agent.service
}

keep_failure() {
  if [[ -f $state/failure ]]; then
    mv -f -- "$state/failure" "$agent/failure"
  else
    printf 'INSTALLER-007\n\nthe bootstrap ended without a word\n' | write_file "$agent/failure" 0600
  fi
  mv -f -- "$agent/tried.env" "$agent/failed.env"
  touch -- "$agent/failed.env"
}

main "$@"
