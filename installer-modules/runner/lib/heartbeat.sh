# shellcheck shell=bash
# How this beacon is, as one JSON object. Sourced by agent.sh; the service's Heartbeat.cs reads it.

heartbeat() {
  printf '{"installer_sha256":%s,"plan":%s,"units":[%s],"disk":%s,"memory":%s,"certificates":[%s],"backup":%s,"first_boot":%s,"uptime_seconds":%d}\n' \
    "$(wopr_json "$(<"$state/complete")")" "$(plan_progress)" "$(unit_states)" "$(disk_room)" "$(memory_room)" \
    "$(certificates)" "$(last_backup)" "$(wopr_json "$(first_boot_result)")" "$(cut -d . -f 1 /proc/uptime)"
}

# The newest plan is applied, failed, or else about to be carried out.
plan_state() {
  if [[ ! -f $agent/wanted.env ]] || cmp -s -- "$agent/wanted.env" "$agent/applied.env"; then
    printf applied
  elif cmp -s -- "$agent/wanted.env" "$agent/failed.env" && ! is_applying; then
    printf failed
  else
    printf applying
  fi
}

# apply.sh holds this lock as long as it runs.
is_applying() (
  exec 5>>"$agent/plan.lock"
  ! flock --nonblock 5
)

plan_progress() {
  local now number=null code='' module='' message='' lines
  now=$(plan_state)
  # shellcheck source=/dev/null
  [[ ! -f $agent/wanted.env ]] || number=$(. "$agent/wanted.env" && printf '%d' "$WOPR_PLAN")
  if [[ $now == failed && -f $agent/failure ]]; then
    mapfile -t lines <"$agent/failure"
    code=${lines[0]} module=${lines[1]:-}
    message=$(tail -n +3 -- "$agent/failure")
  fi
  printf '{"number":%s,"state":"%s","code":%s,"module":%s,"message":%s}' "$number" "$now" "$(json_or_null "$code")" "$(json_or_null "$module")" "$(json_or_null "$message")"
}

json_or_null() {
  if [[ -n $1 ]]; then wopr_json "$1"; else printf null; fi
}

# may_be_asked MODULE: reads its manifest. One that has never been started here is the plan's matter.
may_be_asked() {
  was_installed "$1" && [[ -r $WOPR_MODULES_FOLDER/$1/manifest.env ]] && read_manifest "$1"
}

unit_states() {
  local module unit state_now list=''
  for module in "${plan[@]}"; do
    may_be_asked "$module" || continue
    for unit in "${module_units[@]}"; do
      # The word is the answer; the status only says whether it is `active`.
      state_now=$(systemctl is-active "$unit.service") || true
      list+=",{\"module\":\"$module\",\"unit\":\"$unit\",\"state\":$(wopr_json "$state_now")}"
    done
  done
  printf '%s' "${list#,}"
}

disk_room() {
  df --output=size,avail --block-size=1M -- "$root/var/lib" | awk 'END { printf "{\"total_mb\":%d,\"free_mb\":%d}", $1, $2 }'
}

memory_room() {
  awk '/^MemTotal:/ { total = $2 } /^MemAvailable:/ { free = $2 } END { printf "{\"total_mb\":%d,\"free_mb\":%d}", total / 1024, free / 1024 }' "$meminfo"
}

# What Caddy shows for each host name. A name without a certificate has none to tell of: WOPR sees that from outside.
certificates() {
  local module address dates list=''
  address=$(podman inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' wopr-caddy) || return 0
  for module in "${plan[@]}"; do
    may_be_asked "$module" || continue
    [[ -n $module_subdomain ]] || continue
    remember_host "$module"
    dates=$(certificate_of "${hosts[$module]}" "$address") || continue
    list+=$(awk -F = -v host="${hosts[$module]}" '{ sub(" ", "T", $2); day[$1] = $2 }
      END { printf ",{\"host\":\"%s\",\"not_before\":\"%s\",\"not_after\":\"%s\"}", host, day["notBefore"], day["notAfter"] }' <<<"$dates")
  done
  printf '%s' "${list#,}"
}

certificate_of() {
  timeout 10 openssl s_client -connect "$2:443" -servername "$1" </dev/null 2>/dev/null | openssl x509 -noout -startdate -enddate -dateopt iso_8601 2>/dev/null
}

# As daily-backup.sh has left it: when, whether it was whole, how many days there are, and what was said.
last_backup() {
  local lines
  if [[ ! -f $agent/backup ]]; then
    printf null
    return
  fi
  mapfile -t lines <"$agent/backup"
  printf '{"at":"%s","ok":%s,"kept":%d,"message":%s}' "${lines[0]}" "${lines[1]}" "${lines[2]}" "$(json_or_null "$(tail -n +4 -- "$agent/backup")")"
}
