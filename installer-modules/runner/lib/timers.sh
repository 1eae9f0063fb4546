# shellcheck shell=bash
# What goes on when the installation is over: the agent, plans, backups. Sourced by install.sh.

# Of the token by which the beacon is known when its job, and the callback token, are over. It is made here, so that WOPR
# never needs to send it and user-data never holds it; WOPR is told its SHA-256, with the job's last report.
agent_token_hash() {
  local sum
  make_secret '' wopr_agent
  sum=$(secret_bytes wopr_agent | sha256sum)
  printf '%s' "${sum%% *}"
}

start_timers() {
  local file
  # A name that stays when another installer takes over.
  ln -sfn -- "$WOPR_MODULES_FOLDER" "$state/current.part"
  mv -fT -- "$state/current.part" "$state/current"
  for file in "$runner"/units/wopr-{agent,backup,plan}.{service,timer}; do
    [[ ! -f $file ]] || write_file "$root/etc/systemd/system/${file##*/}" 0644 <"$file"
  done
  systemctl daemon-reload || fail INSTALLER-007 '' 'systemd could not read the timers'
  systemctl enable --quiet --now wopr-agent.timer || fail INSTALLER-007 '' 'the agent could not be started'
  systemctl enable --quiet --now wopr-backup.timer || fail INSTALLER-007 '' 'the backups could not be started'
  forget_installers
}

# The one at work and the one before it are kept.
forget_installers() {
  local folder
  [[ -d $state/installer ]] || return 0
  while IFS= read -r folder; do
    [[ $folder == "${WOPR_MODULES_FOLDER%/*}" ]] || rm -rf -- "$folder" "$folder.tar.gz"
  done < <(find "$state/installer" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n +3 | cut -d ' ' -f 2-)
}
