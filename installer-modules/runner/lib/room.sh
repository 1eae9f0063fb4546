# shellcheck shell=bash
# Whether the server is large enough, asked before anything is begun. Sourced by install.sh.

# Room for the system and the first data, and for each image that is not here yet, in MB.
readonly room_for_system=2048 room_for_image=600
# The rule by which WOPR chooses a server (PaymentReceivedStep): MB for the system, and per cent that needs may exceed.
readonly memory_of_system=512 memory_overcommit=115

# A server that is too small fails at once and not halfway.
check_room() {
  local module image disk memory needed_disk=$room_for_system needed_memory=$memory_of_system
  for module in "${plan[@]}"; do
    read_manifest "$module"
    needed_memory=$((needed_memory + module_memory_mb))
    for image in "${module_images[@]}"; do
      podman image exists "$image" || needed_disk=$((needed_disk + room_for_image))
    done
  done
  # A run that only repairs needs no room for what is there already.
  ((needed_disk > room_for_system)) || return 0

  mkdir -p -- "$root/var/lib"
  disk=$(df --output=avail --block-size=1M -- "$root/var/lib" | tail -n 1)
  ((disk >= needed_disk)) || fail MODULE-005 '' "No space left on device: $((disk)) MB are free for the applications, $needed_disk MB are needed"
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' "$meminfo")
  # The kernel keeps some of the memory that was paid for: a tenth is let go.
  needed_memory=$((needed_memory * 90 / memory_overcommit))
  ((memory >= needed_memory)) || fail MODULE-005 '' "the server has $memory MB of memory, the applications need $needed_memory MB"
  log "room: $((disk)) MB free of $needed_disk MB needed; $memory MB of memory, $needed_memory MB needed"
}
