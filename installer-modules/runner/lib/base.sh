# shellcheck shell=bash disable=SC2034
# Where things are, how to speak, how to fail. Sourced by install.sh and by what the timers run.

# Empty on a beacon; a private folder where the runner is tried out without being root.
root=${WOPR_ROOT:-}
etc=$root/etc/wopr
state=$root/var/lib/wopr
logs=$root/var/log/wopr
units=$root/etc/containers/systemd
plan=()
progress=18
declare -A hosts=()

# Seconds between two looks at something that is not ready, and before the first retry.
poll_seconds=${WOPR_POLL_SECONDS:-2}
retry_seconds=${WOPR_RETRY_SECONDS:-3}
# Replaces every module's own deadline for becoming healthy, where it is set.
health_seconds=${WOPR_HEALTH_SECONDS:-}
meminfo=${WOPR_MEMINFO:-/proc/meminfo}

# shellcheck source=/dev/null
. "$root/opt/wopr/callback.sh"

log() {
  printf '%(%Y-%m-%dT%H:%M:%SZ)T %s\n' -1 "$*"
}

# report STAGE PROGRESS [--module M] [--message T] [--error CODE]
report() {
  wopr_callback "$@"
}

# fail CODE MODULE MESSAGE: says so to WOPR and ends the run. MODULE may be empty.
fail() {
  report_failure "$@"
  exit "$reported"
}

report_failure() {
  local code=$1 module=$2 message=$3
  log "failed: $code${module:+ $module}"
  message+=$(first_boot_trouble)
  report error "$progress" ${module:+--module "$module"} --error "$code" --message "$(redact <<<"$message")"
}

# The exit status that says: the failure has been reported already.
reported=70

# Where a command failed that was not expected to: file, line and command, as an ERR trap leaves them.
failed_at=

# The last resort, as an EXIT trap: no run ends in silence.
say_why_it_ended() {
  local status=$?
  stop_pulling
  ((status == 0 || status == reported)) && return
  report error "$progress" --error INSTALLER-007 \
    --message "$(redact <<<"the runner stopped with status $status at ${failed_at:-$BASH_COMMAND}"$'\n'"$(tail -n 50 -- "$logs/install.log")$(first_boot_trouble)")"
}

# retry ATTEMPTS COMMAND...: the pause doubles from one attempt to the next.
retry() {
  local attempts=$1 attempt pause=$retry_seconds
  shift
  for ((attempt = 1; ; attempt++)); do
    "$@" && return 0
    ((attempt < attempts)) || return 1
    log "attempt $attempt of $attempts failed: $*; again in ${pause}s"
    sleep "$pause"
    [[ $pause == *.* ]] || pause=$((pause * 2))
  done
}

# write_file PATH MODE < content: whole or not at all, and not touched when it is the same already.
write_file() {
  local path=$1 mode=$2 part
  mkdir -p -- "${path%/*}"
  part=$(mktemp -- "${path%/*}/.part.XXXXXX")
  cat >"$part"
  chmod -- "$mode" "$part"
  if [[ -f $path ]] && cmp -s -- "$part" "$path"; then
    chmod -- "$mode" "$path"
    rm -f -- "$part"
  else
    mv -f -- "$part" "$path"
  fi
}

# was_installed MODULE: whether it has been started here once.
was_installed() {
  [[ -f $state/modules/$1.stamp ]]
}

# redact < text: secrets of this beacon leave it in no message.
redact() {
  local text file
  text=$(cat)
  for file in "$etc"/secrets/*; do
    [[ -f $file ]] || continue
    text=${text//"$(<"$file")"/***}
    text=${text//"$(head -c 32 -- "$file")"/***}
    text=${text//"$(secret_base64 "${file##*/}")"/***}
  done
  [[ -n ${WOPR_CALLBACK_TOKEN:-} ]] && text=${text//"$WOPR_CALLBACK_TOKEN"/***}
  printf '%s\n' "$text"
}
