# shellcheck shell=bash
# Everything that is written to the beacon before a module starts. Sourced by install.sh.

lay_out() {
  local module
  mkdir -p -- "$etc/modules" "$etc/secrets" "$etc/blueprints" "$state/modules" "$state/public" "$logs" "$units" "$root/etc/systemd/system"
  chmod 0700 -- "$etc/secrets" "$etc/modules"
  chmod 0755 -- "$etc" "$etc/blueprints" "$state" "$state/public"

  # All secrets first: one module's environment may name another's.
  for module in "${plan[@]}"; do
    read_manifest "$module"
    make_secrets "$module"
  done
  for module in "${plan[@]}"; do
    write_environment "$module"
    write_files "$module"
    write_units "$module"
  done
  write_sign_in
  write_caddyfile
  find_up
  write_face
}

# /etc/wopr/modules/ID.env, handed to the module's containers and to its hooks. Podman takes each line as it stands.
write_environment() {
  local line
  {
    while IFS= read -r line; do
      expand "$1" "$line" || fail INSTALLER-002 "$1" "its environment cannot be made: $line"
      printf '%s\n' "$REPLY"
    done <"$WOPR_MODULES_FOLDER/$1/environment.env"
    [[ $1 != authentik ]] || sign_in_secrets
  } | write_file "$etc/modules/$1.env" 0600
}

# Configuration files that an application reads from its container; one that names a secret is for root alone.
# A unit whose container reads such a file as another user mounts it with `:U`.
write_files() {
  local file mode
  [[ -d $WOPR_MODULES_FOLDER/$1/files ]] || return 0
  mkdir -p -- "$etc/modules/$1"
  chmod 0755 -- "$etc/modules/$1"
  for file in "$WOPR_MODULES_FOLDER/$1/files"/*; do
    mode=0644
    # shellcheck disable=SC2016
    if grep -qF '${secret' -- "$file"; then mode=0600; fi
    expand_file "$1" "$file" | write_file "$etc/modules/$1/${file##*/}" "$mode"
  done
}

write_units() {
  local file names=()
  for file in "$WOPR_MODULES_FOLDER/$1"/*.container "$WOPR_MODULES_FOLDER/$1"/*.volume "$WOPR_MODULES_FOLDER/$1"/*.network; do
    [[ -f $file ]] || continue
    names+=("${file##*/}")
    write_file "$units/${file##*/}" 0644 <"$file"
  done
  remember_units "$1" "${names[@]}"
}

# One network with names for all containers, and no way from them to the provider's metadata.
start_network() {
  write_file "$units/wopr.network" 0644 <"$runner/units/wopr.network"
  write_file "$etc/metadata-guard.nft" 0644 <"$runner/units/metadata-guard.nft"
  write_file "$root/etc/systemd/system/wopr-metadata-guard.service" 0644 <"$runner/units/wopr-metadata-guard.service"
  systemctl daemon-reload || fail INSTALLER-007 '' 'systemd could not read the units'
  systemctl enable --quiet --now wopr-metadata-guard.service || fail INSTALLER-007 '' 'the metadata address could not be blocked'
  systemctl start wopr-network.service || fail PODMAN-001 '' 'the container network could not be made'
  has_names || renew_network
  has_names || fail PODMAN-001 '' 'the container network resolves no names'
}

has_names() {
  [[ $(podman network inspect --format '{{.DNSEnabled}}' wopr) == true ]]
}

# A network that somebody made by hand, or a Podman that had no aardvark-dns. Stopping its unit stops every container on
# it; they are started again like whatever does not run, and find what they keep in their volumes.
renew_network() {
  log 'the container network resolves no names: it is made anew'
  timeout 300 systemctl stop wopr-network.service || true
  timeout 120 podman network rm --force wopr || true
  is_up=()
  systemctl start wopr-network.service || fail PODMAN-001 '' 'the container network could not be made'
}

mark_complete() {
  printf '%s\n' "$WOPR_INSTALLER_SHA256" | write_file "$state/complete" 0644
}
