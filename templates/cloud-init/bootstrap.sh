#!/bin/bash
# The first program of a new beacon: waits for name resolution, installs Podman, fetches the installer that
# bootstrap.env pins by its SHA-256, and runs it. Running it again goes on where it is needed.
set -Eeuo pipefail

root=${WOPR_ROOT:-}
retry_seconds=${WOPR_RETRY_SECONDS:-5}
progress=0
reported=70
failed_at=
trap 'failed_at="line $LINENO: $BASH_COMMAND"' ERR

main() {
  check_files
  # shellcheck source=/dev/null
  . "$root/etc/wopr/bootstrap.env"
  # A beacon that was given another plan since it was born goes by that.
  # shellcheck source=/dev/null
  [[ ! -r $root/etc/wopr/plan.env ]] || . "$root/etc/wopr/plan.env"
  # shellcheck source=/dev/null
  . "$root/opt/wopr/callback.sh"
  mkdir -p -- "$root/var/log/wopr" "$root/var/lib/wopr/installer"
  trap finish EXIT
  keep_sending &
  sender=$!

  say boot 2
  wait_for_names
  install_packages
  say packages 10
  fetch_installer
  say wopr_download 18
  log 'starting the installer'
  bash "$installer/runner/install.sh" >>"$root/var/log/wopr/install.log" 2>&1
  log 'the beacon is complete'
}

# Without its two files a beacon cannot even report: the console is all that is left then.
check_files() {
  local file
  for file in /opt/wopr/callback.sh /etc/wopr/bootstrap.env /etc/wopr/bootstrap.json; do
    [[ -s $root$file ]] && continue
    log "CLOUDINIT-003: $file is missing"
    if [[ $file == */bootstrap.json ]]; then
      "$root/opt/wopr/callback.sh" error 0 --error CLOUDINIT-003 --message "$file is missing"
    fi
    exit "$reported"
  done
}

wait_for_names() {
  local url host
  for url in "$WOPR_CALLBACK_URL" "$WOPR_INSTALLER_URL"; do
    host=${url#*://}
    host=${host%%/*}
    host=${host%:*}
    retry 12 getent ahosts "$host" >/dev/null || fail CLOUDINIT-002 "the name '$host' cannot be resolved"
  done
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  # aardvark-dns gives containers each other's names; Podman only recommends it.
  local packages=(podman aardvark-dns crun nftables curl jq ca-certificates)
  if ! retry 4 apt_get 600 update || ! retry 4 apt_get 1200 install --yes --no-install-recommends "${packages[@]}"; then
    fail INSTALLER-006 "$(tail -n 20 -- "$root/var/log/wopr/packages.log")"
  fi
}

# apt_get SECONDS ARGUMENT...: another apt-get that is running is waited for.
apt_get() {
  timeout "$1" apt-get -o DPkg::Lock::Timeout=300 --quiet "${@:2}" >>"$root/var/log/wopr/packages.log" 2>&1
}

# Sets `installer` to a folder whose contents are known to the byte.
fetch_installer() {
  local store=$root/var/lib/wopr/installer
  local tarball=$store/$WOPR_INSTALLER_SHA256.tar.gz
  installer=$store/$WOPR_INSTALLER_SHA256/installer-modules
  if ! checksum_matches "$tarball"; then
    retry 6 download "$tarball" || fail "$download_failed" "$download_message"
  fi
  rm -rf -- "${installer%/*}.part"
  mkdir -p -- "${installer%/*}.part"
  tar -xzf "$tarball" --no-same-owner -C "${installer%/*}.part" || fail INSTALLER-002 'the installer cannot be unpacked'
  rm -rf -- "${installer%/*}"
  mv -- "${installer%/*}.part" "${installer%/*}"
  [[ -f $installer/runner/install.sh ]] || fail INSTALLER-002 'the installer has no runner/install.sh'
}

download() {
  local status
  download_failed=INSTALLER-004 download_message="no installer at $WOPR_INSTALLER_URL"
  status=$(curl --silent --show-error --location --proto '=http,https' --connect-timeout 15 --max-time 300 \
    --output "$1.part" --write-out '%{http_code}' "$WOPR_INSTALLER_URL") || return 1
  download_message+=" (answer $status)"
  [[ $status == 200 ]] || return 1
  download_failed=INSTALLER-005 download_message="the installer from $WOPR_INSTALLER_URL does not have the SHA-256 $WOPR_INSTALLER_SHA256"
  checksum_matches "$1.part" || return 1
  mv -f -- "$1.part" "$1"
}

checksum_matches() {
  [[ -f $1 ]] && sha256sum --check --status <<<"$WOPR_INSTALLER_SHA256  $1"
}

# retry ATTEMPTS COMMAND...: the pause grows with each attempt, to a minute at most.
retry() {
  local attempts=$1 attempt pause=$retry_seconds
  shift
  for ((attempt = 1; ; attempt++)); do
    "$@" && return 0
    ((attempt < attempts)) || return 1
    log "attempt $attempt of $attempts failed: $1; again in ${pause}s"
    sleep "$pause"
    [[ $pause == *.* ]] || pause=$((pause * 2 > 60 ? 60 : pause * 2))
  done
}

# Messages that could not be sent follow as soon as WOPR answers again.
keep_sending() {
  trap - EXIT
  while sleep "${WOPR_FLUSH_SECONDS:-10}"; do wopr_flush || continue; done
}

say() {
  progress=$2
  log "$1"
  wopr_callback "$1" "$2"
}

fail() {
  log "failed: $1 $2"
  wopr_callback error "$progress" --error "$1" --message "$2$(first_boot_errors)"
  exit "$reported"
}

# What cloud-init itself says went wrong before, if anything; it is written in Python, so Python is there.
first_boot_errors() {
  local status=$root/run/cloud-init/status.json
  [[ -r $status ]] || return 0
  python3 -c '
import json, sys
for stage, seen in json.load(open(sys.argv[1]))["v1"].items():
    for error in (seen.get("errors") or []) if isinstance(seen, dict) else []:
        print(f"\ncloud-init: {stage}: {error}", end="")' "$status" || printf '\nthe status of cloud-init cannot be read'
}

log() {
  printf '%(%Y-%m-%dT%H:%M:%SZ)T bootstrap: %s\n' -1 "$*"
}

# Whatever was being written: the packages' log, cloud-init's own, and before the installer speaks for itself, its log.
last_lines() {
  local log
  for log in /var/log/cloud-init-output.log /var/log/wopr/packages.log /var/log/wopr/install.log; do
    [[ ! -s $root$log ]] || printf -- '--- %s\n%s\n' "$log" "$(tail -n 15 -- "$root$log")"
  done
}

# However this ends, it is said, and what waits is sent: for an hour if need be.
finish() {
  local status=$? attempt
  trap - EXIT
  if ((status != 0 && status != reported)); then
    wopr_callback error "$progress" --error INSTALLER-007 \
      --message "the bootstrap stopped with status $status at ${failed_at:-$BASH_COMMAND}"$'\n'"$(last_lines)$(first_boot_errors)"
  fi
  kill "$sender" 2>/dev/null || log 'the sender had ended'
  for ((attempt = 0; attempt < 360; attempt++)); do
    wopr_flush && break
    sleep "${WOPR_FLUSH_SECONDS:-10}"
  done
  exit "$status"
}

main
