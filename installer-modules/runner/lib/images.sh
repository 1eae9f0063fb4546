# shellcheck shell=bash
# Images, pulled ahead of time. Sourced by install.sh.

# How many are pulled at once.
readonly pulls_at_once=3
pullers=()

# Pulls all images in the order in which they are needed, in the background. A module whose turn comes waits for its own,
# and tries again by itself what could not be pulled ahead.
pull_ahead() {
  local all=() module number
  for module in "${plan[@]}"; do
    read_manifest "$module"
    all+=("${module_images[@]}")
  done
  mkdir -p -- "$state/pulls"
  for ((number = 0; number < pulls_at_once; number++)); do
    # Not the lock on the runner's work: a pull that goes on after its run keeps nobody out.
    pull_every "$number" "${all[@]}" >>"$logs/pulls.log" 2>&1 7>&- &
    pullers+=("$!")
  done
}

# pull_every FIRST IMAGE...: every third one. One that fails is left to its module.
pull_every() {
  local number image
  for ((number = $1 + 2; number <= $#; number += pulls_at_once)); do
    image=${!number}
    pull_image 2 "$image" || log "$image could not be pulled ahead"
  done
}

# pull_image ATTEMPTS IMAGE: by one process at a time; nothing when it is here already.
pull_image() (
  exec 8>"$state/pulls/$(printf '%s' "$2" | cksum | cut -d ' ' -f 1)"
  flock 8
  podman image exists "$2" && exit 0
  log "pulling $2"
  retry "$1" timeout 900 podman pull --quiet "$2"
)

stop_pulling() {
  local puller
  for puller in "${pullers[@]}"; do
    if kill "$puller" 2>/dev/null; then log 'a pull ahead of time is given up'; fi
  done
}

# Images of former versions and of modules that went make room, once everything runs without them.
forget_images() {
  local module image now=()
  for module in "${plan[@]}"; do
    read_manifest "$module"
    now+=("${module_images[@]}")
  done
  if [[ -f $state/images ]]; then
    while IFS= read -r image; do
      [[ " ${now[*]} " == *" $image "* ]] || podman image rm "$image" >>"$logs/pulls.log" 2>&1 || log "$image is not used any more and could not be removed"
    done <"$state/images"
  fi
  printf '%s\n' "${now[@]}" | write_file "$state/images" 0644
}
