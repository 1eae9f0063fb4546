#!/bin/bash
# Tells WOPR how far this beacon is.
#   callback.sh STAGE PROGRESS [--module M] [--message T] [--error CODE] [--agent SHA256]
#   callback.sh --flush              sends what is still waiting; succeeds when nothing waits any more
# Or sourced: wopr_callback STAGE PROGRESS ... and wopr_flush. A message that cannot be sent now is kept and sent
# later, in order. The token is read from bootstrap.env and stands on no command line and in no log.

wopr_root=${WOPR_ROOT:-}
wopr_bootstrap=$wopr_root/etc/wopr/bootstrap.env
wopr_state=$wopr_root/var/lib/wopr
wopr_callback_log=$wopr_root/var/log/wopr/callback.log

wopr_callback() {
  local stage=${1:?stage} progress=${2:?progress} module='' message='' error='' agent='' body
  shift 2
  while (($# > 1)); do
    case $1 in
      --module) module=$2 ;;
      --message) message=$2 ;;
      --error) error=$2 ;;
      --agent) agent=$2 ;;
      *) printf 'callback: unknown option %s\n' "$1" >&2; return 2 ;;
    esac
    shift 2
  done
  body="{\"stage\":$(wopr_json "$stage"),\"progress\":$((progress))"
  [[ -z $module ]] || body+=",\"module\":$(wopr_json "$module")"
  [[ -z $message ]] || body+=",\"message\":$(wopr_json "$message")"
  [[ -z $error ]] || body+=",\"error\":$(wopr_json "$error")"
  [[ -z $agent ]] || body+=",\"agent\":$(wopr_json "$agent")"
  [[ -z $error ]] || wopr_locked wopr_keep_failure "$error" "$module" "$message" || wopr_log 'could not keep a failure'
  # What goes wrong here is logged and never stops the one who reports.
  wopr_locked wopr_enqueue "$body" || wopr_log "could not keep a message for stage $stage"
  wopr_flush || true
}

# The last failure, also for whoever has no job to report it to any more: the code, the module, and what was said.
wopr_keep_failure() {
  printf '%s\n' "$@" >"$wopr_state/failure"
}

# True when nothing waits to be sent any more.
wopr_flush() {
  wopr_locked wopr_send_all
}

# One at a time, so that numbers are given and sent in order.
wopr_locked() (
  umask 077
  mkdir -p -- "$wopr_state/spool" "${wopr_callback_log%/*}" && exec 9>"$wopr_state/callback.lock" && flock --wait 120 9 || exit 1
  "$@"
)

# The number is used up before the message is kept: a crash in between leaves a gap, never a number given twice.
wopr_enqueue() {
  local seq=0
  [[ ! -e $wopr_state/over ]] || return 0
  [[ ! -s $wopr_state/seq ]] || seq=$(<"$wopr_state/seq")
  seq=$((seq + 1))
  printf '%s\n' "$seq" >"$wopr_state/seq.part" && mv -f -- "$wopr_state/seq.part" "$wopr_state/seq" || return 1
  printf -v seq '%08d' "$seq"
  printf '%s,"seq":%d}' "$1" "$((10#$seq))" >"$wopr_state/spool/$seq.part" && mv -- "$wopr_state/spool/$seq.part" "$wopr_state/spool/$seq.json"
}

wopr_send_all() {
  local file status
  for file in "$wopr_state"/spool/*.json; do
    [[ -e $file ]] || return 0
    status=$(wopr_post "$file")
    case $status in
      2??) rm -f -- "$file" ;;
      409)
        wopr_log 'the job is over: nothing more is sent'
        : >"$wopr_state/over"
        rm -f -- "$wopr_state"/spool/*.json
        ;;
      400 | 401 | 403 | 413 | 415 | 422)
        wopr_log "message ${file##*/} was refused with $status and is dropped"
        rm -f -- "$file"
        ;;
      *)
        wopr_log "message ${file##*/} waits: answer $status"
        return 1
        ;;
    esac
  done
}

# wopr_post FILE: prints the HTTP status, 000 when there was no answer.
wopr_post() (
  # shellcheck source=/dev/null
  . "$wopr_bootstrap" || { printf 000; exit 0; }
  command -v curl >/dev/null || { printf 000; exit 0; }
  curl --config - <<END || true
url = "$WOPR_CALLBACK_URL"
header = "X-Callback-Token: $WOPR_CALLBACK_TOKEN"
header = "Content-Type: application/json"
data-binary = "@$1"
silent
connect-timeout = 10
max-time = 30
proto = "=http,https"
output = "/dev/null"
write-out = "%{http_code}"
END
)

# One JSON string in ASCII; at most 8192 characters of it, the last ones.
wopr_json() {
  local LC_ALL=C text=$1
  ((${#text} <= 8192)) || text=${text: -8192}
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\t'/\\t}
  text=${text//$'\n'/\\n}
  printf '"%s"' "${text//[^ -~]/?}"
}

wopr_log() {
  printf '%(%Y-%m-%dT%H:%M:%SZ)T callback: %s\n' -1 "$*" >>"$wopr_callback_log"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  if [[ ${1:-} == --flush ]]; then wopr_flush; else wopr_callback "$@"; fi
fi
