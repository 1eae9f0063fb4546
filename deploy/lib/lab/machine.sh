# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# One emulated server as a whole machine (WOPR_LAB_MACHINE=1): a kernel, a disk and a network card of its own, and
# cloud-init's datasource for the provider, unmodified. Slow, for nothing of the processor is used. Sourced by deploy/lab.

readonly MACHINE_TOOLS=(qemu-system-x86_64 qemu-img mke2fs cpio xz ssh ssh-keygen apt-get)
# What the initrd loads to see the disk.
readonly MACHINE_MODULES=(virtio_pci virtio_blk)

# Sets `machine` to the folder with kernel, initrd and disk, and makes them when they are not there.
make_machine() {
  local key work version
  key=$({ declare -f make_machine fetch_kernel furnish_machine make_initrd; ls "$images/v2"; } | sha256sum | cut -c1-12)
  machine=$roots/machine-$key
  [[ -e $machine/complete ]] && return 0
  say "making the machine's kernel and disk (once; a minute)"
  work=$machine/work
  rm -rf -- "$roots"/machine-*
  mkdir -p -- "$work"
  fetch_kernel "$work"
  # Links: what is changed below is taken away first.
  cp -al -- "$roots/server" "$work/root"
  cp -a -- "$work"/kernel/usr/lib/modules "$work/root/usr/lib/modules" 2>/dev/null || cp -a -- "$work"/kernel/lib/modules "$work/root/usr/lib/modules"
  version=$(basename "$work"/root/usr/lib/modules/*)
  cp -- "$work/kernel/boot/vmlinuz-$version" "$machine/kernel"
  chroot "$work/root" depmod "$version"
  furnish_machine "$work/root"
  make_initrd "$work/root" "$version" "$work/initrd" "$machine/initrd"
  truncate -s 12G "$machine/disk"
  mke2fs -q -F -t ext4 -m 0 -O ^has_journal -E lazy_itable_init=1,nodiscard -d "$work/root" "$machine/disk"
  rm -rf -- "$work"
  : >"$machine/complete"
}

# Debian's kernel for clouds, unpacked below FOLDER/kernel; the lists of packages are this call's own.
fetch_kernel() {
  local folder=$1 apt name
  mkdir -p -- "$folder/lists/partial" "$folder/sources"
  cp -- "$roots/debian.sources" "$folder/sources/"
  apt=(-qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$folder/sources" -o "Dir::State::Lists=$folder/lists"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Acquire::Retries=3 -o APT::Sandbox::User=root)
  apt-get "${apt[@]}" update
  name=$(apt-cache "${apt[@]}" depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
  [[ -n $name ]] || die "Debian names no kernel for clouds"
  (cd "$folder" && apt-get "${apt[@]}" download "$name")
  dpkg-deb --extract "$folder/$name"_*.deb "$folder/kernel"
}

# What differs from the root of the other lane: the network is set up and the user-data are found as at the provider.
furnish_machine() {
  local etc=$1/etc registry
  rm -f -- "$etc/cloud/cloud.cfg.d/90-lab.cfg" "$etc/systemd/system/networking.service" "$etc/fstab"
  cat >"$etc/cloud/cloud.cfg.d/90-lab.cfg" <<'END'
datasource_list: [Hetzner]
disable_root: false
ssh_genkeytypes: [ed25519]
apt: {preserve_sources_list: true}
manage_resolv_conf: false
END
  printf '/dev/vda / ext4 rw,noatime 0 0\n' >"$etc/fstab"
  mkdir -p -- "$etc/containers/registries.conf.d"
  for registry in "$images"/v2/*; do
    registry=${registry##*/}
    printf '[[registry]]\nprefix = "%s"\nlocation = "registry.lab/%s"\ninsecure = true\n' "$registry" "$registry"
  done >"$etc/containers/registries.conf.d/90-lab.conf"
}

# make_initrd ROOT VERSION FOLDER FILE: as much as mounts the disk; the file system itself is in the kernel.
make_initrd() {
  local root=$1 version=$2 folder=$3 module file number=10
  mkdir -p -- "$folder"/{bin,proc,sys,dev,root,modules}
  cp -- "$roots/workshop/bin/busybox" "$folder/bin/busybox"
  while read -r _ file; do
    number=$((number + 1))
    file=$root/${file#/}
    case $file in
      *.xz) xz --decompress --stdout "$file" ;;
      *) cat -- "$file" ;;
    esac >"$folder/modules/$number.ko"
  done < <(for module in "${MACHINE_MODULES[@]}"; do chroot "$root" modprobe --set-version "$version" --show-depends "$module"; done | grep '^insmod' | awk '!seen[$0]++')
  cat >"$folder/init" <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
for module in /modules/*.ko; do $b insmod "$module"; done
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ -b /dev/vda ] && break
  $b sleep 1
done
$b mount -t ext4 -o rw,noatime /dev/vda /root || { echo 'the disk does not turn up'; $b poweroff -f; }
$b umount /proc /sys
$b mount --move /dev /root/dev
exec $b switch_root /root /lib/systemd/systemd
END
  chmod 0755 "$folder/init"
  (cd "$folder" && find . | cpio --create --format=newc --quiet) | gzip -1 >"$4"
}

# What the provider's metadata service answers to this address. A MAC in quotes is never taken for a number.
write_metadata() {
  local folder=$1 id=$2 name=$3 ipv4=$4 ipv6=$5 seed=$1/seeds/$4/hetzner
  [[ -s $folder/$id/key ]] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$folder/$id/key"
  mkdir -p -- "$seed"
  printf '%s' "$id" >"$seed/instance-id"
  cat >"$seed/metadata" <<END
availability-zone: fsn1-dc14
hostname: "$name"
instance-id: "$id"
local-ipv4: ''
network-config:
  version: 1
  config:
    - type: physical
      name: eth0
      mac_address: '$(mac_of "$id")'
      subnets:
        - {ipv4: true, type: dhcp}
        - {ipv6: true, type: static, address: '${ipv6%/*}/32', gateway: '$INTERNET6'}
public-ipv4: '$ipv4'
public-keys: ["$(<"$folder/$id/key.pub")"]
region: eu-central
vendor_data: ''
END
}

mac_of() {
  printf '96:00:%02x:%02x:%02x:%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255))
}

# run_machine FOLDER ID NAME IPV4: in the network of the lab's internet, where it has a network card and an address.
run_machine() {
  local folder=$1 id=$2 ipv4=$4 home=$1/$2 card="t$2"
  card=${card:0:15}
  [[ -s $home/disk.qcow2 ]] || qemu-img create -q -f qcow2 -F raw -b "$machine/disk" "$home/disk.qcow2"
  : >"$home/machine"
  local inside=(nsenter "--net=/proc/$(<"$folder/internet/pid")/ns/net" --)
  "${inside[@]}" ip tuntap add "$card" mode tap
  after=(remove_card "$folder" "$card")
  "${inside[@]}" ip link set "$card" master br0 up
  start "${inside[@]}" "$me" workshop-program "$roots" sbin/dnsmasq --keep-in-foreground --port=0 --no-hosts --user=root --pid-file \
    --interface=br0 --bind-dynamic --leasefile-ro --log-facility=- --dhcp-range=198.18.0.0,static,255.254.0.0 \
    --dhcp-host="$(mac_of "$id"),$ipv4" --dhcp-option="option:router,$INTERNET" --dhcp-option="option:dns-server,$INTERNET"
  start "${inside[@]}" qemu-system-x86_64 -nodefaults -no-user-config -machine q35 -accel tcg,thread=multi,tb-size=512 -cpu qemu64,-cx16 \
    -smp 2 -m "${WOPR_LAB_MEMORY_MB:-6144}" -display none -no-reboot -kernel "$machine/kernel" -initrd "$machine/initrd" \
    -append 'root=/dev/vda rw console=ttyS0 quiet mitigations=off nokaslr net.ifnames=0 tsc=reliable random.trust_cpu=on systemd.show_status=0' \
    -smbios "type=1,manufacturer=Hetzner,product=vServer,serial=$id" \
    -drive "if=virtio,format=qcow2,file=$home/disk.qcow2,cache=unsafe,discard=unmap" -device virtio-rng-pci \
    -netdev "tap,id=net,ifname=$card,script=no,downscript=no" -device "virtio-net-pci,netdev=net,mac=$(mac_of "$id"),romfile=" \
    -serial "file:$home/console.log"
}

remove_card() {
  nsenter "--net=/proc/$(<"$1/internet/pid")/ns/net" ip link del "$2" 2>/dev/null || true
}

# run_in_machine FOLDER ID COMMAND...: over the machine's own SSH, with the key that the provider put there.
run_in_machine() {
  local words
  printf -v words '%q ' "${@:3}"
  exec nsenter "--net=/proc/$(<"$1/internet/pid")/ns/net" ssh -q -i "$1/$2/key" -o BatchMode=yes -o ConnectTimeout=30 \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "root@$(<"$1/$2/address")" -- "$words"
}
