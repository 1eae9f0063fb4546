# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# One emulated server as a container of systemd-nspawn: real systemd, real cloud-init, real Podman. Its disk is a layer
# over the server's root and outlives it; everything else is gone when its processes are. Sourced by deploy/lab.

# run_server FOLDER ID NAME IPV4 IPV6: with power until standard input closes. FOLDER/ID/user-data must be there.
run_server() {
  local folder=$1 id=$2 name=$3 ipv4=$4 sockets
  sockets=$(sockets_of "$folder")
  make_roots
  mkdir -p -- "$folder/$id"/{disk,work,root,containers} "$folder/seeds/$ipv4"
  cp -- "$folder/$id/user-data" "$folder/seeds/$ipv4/user-data"
  printf 'instance-id: "%s"\nlocal-hostname: "%s"\n' "$id" "$name" >"$folder/seeds/$ipv4/meta-data"
  : >"$folder/seeds/$ipv4/vendor-data"
  [[ -s $folder/$id/started ]] || date +%s.%N >"$folder/$id/started"
  printf '%s\n' "$ipv4" >"$folder/$id/address"
  after=(clear_cgroups)
  if [[ -n ${WOPR_LAB_MACHINE:-} ]]; then
    make_images
    make_machine
    write_metadata "$@"
    run_machine "$@"
  else
    start unshare --net --mount -- "$me" server-inside "$@" "$roots"
  fi
  # The way in from outside, for the sandbox's gate.
  rm -f -- "$sockets/$id"
  start nsenter --net="/proc/$(<"$folder/internet/pid")/ns/net" socat "UNIX-LISTEN:$sockets/$id,fork,backlog=64" "TCP:$ipv4:443,connect-timeout=5"
  until_stdin_closes
}

# The trees of cgroups that servers leave behind are empty once their processes are gone.
clear_cgroups() {
  # shellcheck disable=SC2016
  unshare --mount -- bash -c 'mount -t cgroup2 cgroup2 /mnt && for tree in /mnt/wopr-lab-*; do
    if grep -qsx "populated 0" "$tree/cgroup.events"; then find "$tree" -depth -type d -exec rmdir {} +; fi
  done' || warn "old cgroups were left"
}

cgroup_of() {
  printf 'wopr-lab-%s-%s' "$(printf '%s' "$1" | cksum | cut -d' ' -f1)" "$2"
}

run_server_inside() {
  local folder=$1 id=$2 name=$3 ipv4=$4 ipv6=$5 home=$1/$2 internet
  roots=$6
  internet=$(<"$folder/internet/pid")
  ip link set lo up
  ip link add host0 type veth peer name "v$id" netns "$internet"
  nsenter --net="/proc/$internet/ns/net" ip link set "v$id" master br0 up
  ip addr add "$ipv4/15" dev host0
  ip addr add "${ipv6%/*}/32" dev host0 nodad
  ip link set host0 up
  ip route add default via "$INTERNET"
  ip -6 route add default via "$INTERNET6"

  mount -t overlay overlay -o "lowerdir=$roots/server,upperdir=$home/disk,workdir=$home/work" "$home/root"
  own_cgroup "$(cgroup_of "$folder" "$id")"
  furnish_podman "$home/root"
  mkdir -p /run/systemd/nspawn
  # CAP_NET_ADMIN and the two system calls are what Podman needs; a second overlay on an overlay is refused, so its store
  # lies on the machine's own file system.
  printf '%s\n' "$$" >"$home/pid"
  exec env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network \
    systemd-nspawn --quiet --directory="$home/root" --machine="wopr-lab-$id" --register=no --keep-unit --boot \
    --network-namespace-path="/proc/$$/ns/net" --capability=CAP_NET_ADMIN --system-call-filter='@keyring bpf' \
    --bind="$home/containers:/var/lib/containers" --console=pipe --resolv-conf=off --timezone=off --link-journal=no \
    -- systemd.show_status=0 >>"$home/console.log" 2>&1
}

# A cgroup of its own in a tree of version 2 alone, which is what systemd in the container wants to see.
own_cgroup() {
  umount -R /sys/fs/cgroup 2>/dev/null || umount -l /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir -p "/sys/fs/cgroup/$1"
  printf '%s\n' "$$" >"/sys/fs/cgroup/$1/cgroup.procs"
}

# Where images come from; and, where this machine's kernel lets no one set limits, a runtime that leaves them out.
furnish_podman() {
  local etc=$1/etc/containers registry
  mkdir -p -- "$etc/registries.conf.d" "$etc/containers.conf.d" "$1/usr/local/bin"
  for registry in "$folder"/internet/registry/v2/*; do
    registry=${registry##*/}
    printf '[[registry]]\nprefix = "%s"\nlocation = "registry.lab/%s"\ninsecure = true\n' "$registry" "$registry"
  done >"$etc/registries.conf.d/90-lab.conf"
  if grep -qw memory /sys/fs/cgroup/cgroup.controllers; then return 0; fi
  install -m 0755 "$lib/oci-runtime" "$1/usr/local/bin/lab-oci-runtime"
  printf '[engine]\nruntime = "lab"\n[engine.runtimes]\nlab = ["/usr/local/bin/lab-oci-runtime"]\n' >"$etc/containers.conf.d/90-lab.conf"
}

# run_in_server FOLDER ID COMMAND...: as root on the server, as if signed in there.
run_in_server() {
  local nspawn leader
  [[ ! -e $1/$2/machine ]] || run_in_machine "$@"
  nspawn=$(<"$1/$2/pid")
  for leader in $(<"/proc/$nspawn/task/$nspawn/children"); do
    [[ $(<"/proc/$leader/comm") == systemd ]] || continue
    # shellcheck disable=SC2093
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
      nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup --root --wd -- "${@:3}"
  done
  die "server $2 is off"
}

# run_outside FOLDER COMMAND...: as someone on the lab's internet.
run_outside() {
  exec nsenter --net="/proc/$(<"$1/internet/pid")/ns/net" -- "${@:2}"
}
