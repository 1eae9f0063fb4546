# shellcheck shell=bash disable=SC2034,SC2154
# What is built once from Debian's packages and kept: the server's root as the provider's image has it, the packages that
# a beacon installs, and a workshop with the programs that images and the lab's internet are made of. Sourced by deploy/lab.

# A fresh Debian 13 server: no Podman, that is what the beacon installs by itself.
readonly SERVER_PACKAGES=systemd,systemd-sysv,systemd-resolved,libpam-systemd,dbus,udev,kmod,cloud-init,openssh-server,curl,ca-certificates,iproute2,sudo,procps,netbase,iputils-ping
readonly WORKSHOP_PACKAGES=postgresql-17,redis-server,caddy,dnsmasq-base,busybox-static

# The one list of what a beacon installs is the bootstrap's own.
packages_of_beacon() {
  sed -n 's/^ *local packages=(\(.*\))$/\1/p' "$ROOT/templates/cloud-init/bootstrap.sh"
}

# Another list or another recipe is another folder.
folder_of_roots() {
  local key
  key=$({ echo "$SERVER_PACKAGES $WORKSHOP_PACKAGES $(packages_of_beacon)"; declare -f bootstrap_root index_packages furnish_server; } | sha256sum)
  printf '%s/debian-13-%s' "$cache" "${key:0:12}"
}

# Sets `roots` to the folder of what this version of the lab is built of, and builds it when it is not there.
make_roots() {
  local beacon_packages
  beacon_packages=$(packages_of_beacon)
  [[ -n $beacon_packages ]] || die "templates/cloud-init/bootstrap.sh names no packages"
  roots=$(folder_of_roots)
  [[ -e $roots/complete ]] && return 0

  say "building the server's root from Debian's packages (once; some minutes)"
  rm -rf -- "$cache"/debian-13-*
  mkdir -p -- "$roots"
  cat >"$roots/debian.sources" <<END
Types: deb
URIs: ${WOPR_LAB_DEBIAN:-http://deb.debian.org/debian}
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
  mkdir -p "$roots/packages"
  bootstrap_root important "$SERVER_PACKAGES" "$roots/server" \
    --customize-hook="rm -f \"\$1\"/var/cache/apt/archives/*.deb" \
    --customize-hook="chroot \"\$1\" apt-get install -qq --yes --download-only --no-install-recommends $beacon_packages >/dev/null" \
    --customize-hook="cp \"\$1\"/var/cache/apt/archives/*.deb '$roots/packages/'"
  bootstrap_root minbase "$WORKSHOP_PACKAGES" "$roots/workshop"
  index_packages "$roots/packages"
  furnish_server "$roots/server"
  : >"$roots/complete"
}

# bootstrap_root VARIANT PACKAGES FOLDER OPTION...
bootstrap_root() {
  mmdebstrap --quiet --mode=root --variant="$1" --include="$2" "${@:4}" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "5"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    trixie "$3" "$roots/debian.sources" 2>"$roots/build.log" || die "mmdebstrap failed: $(tail -n 5 "$roots/build.log")"
}

# A flat package archive that apt accepts.
index_packages() {
  local deb
  for deb in "$1"/*.deb; do
    dpkg-deb --field "$deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${deb##*/}" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d' ' -f1)"
  done >"$1/Packages"
}

# What differs from the provider's image: where packages, names and user-data come from.
furnish_server() {
  local server=$1 unit
  rm -rf -- "$server"/etc/apt/sources.list.d/* "$server"/var/lib/apt/lists/* "$server"/var/cache/apt/archives/*.deb
  printf 'deb [trusted=yes] http://packages.lab ./\n' >"$server/etc/apt/sources.list"
  # A disk that is thrown away need not be safe from power cuts.
  printf 'force-unsafe-io\n' >"$server/etc/dpkg/dpkg.cfg.d/lab"
  rm -f -- "$server/etc/resolv.conf" "$server"/etc/ssh/ssh_host_*
  printf 'nameserver %s\n' "$INTERNET" >"$server/etc/resolv.conf"
  : >"$server/etc/machine-id"
  cat >"$server/etc/cloud/cloud.cfg.d/90-lab.cfg" <<END
datasource_list: [NoCloud]
datasource: {NoCloud: {seedfrom: "http://169.254.169.254/"}}
network: {config: disabled}
ssh_genkeytypes: [ed25519]
apt: {preserve_sources_list: true}
manage_resolv_conf: false
END
  # Nothing that reaches out by itself, and no one at the console. The lab sets the addresses from outside.
  for unit in apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer systemd-timesyncd.service \
    systemd-resolved.service systemd-networkd.service networking.service getty@.service console-getty.service; do
    ln -sf /dev/null "$server/etc/systemd/system/$unit"
  done
}
