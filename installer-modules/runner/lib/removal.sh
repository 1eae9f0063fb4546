# shellcheck shell=bash
# Modules that the plan has no longer. Their units, routes and settings go; volumes, databases and secrets stay, so that
# a module that comes back finds its data. Sourced by install.sh.

# remember_units MODULE FILE...: a module that goes may be gone from the installer too, and what is its own is known then.
remember_units() {
  printf '%s\n' "${@:2}" | write_file "$state/modules/$1.units" 0644
  rm -f -- "$state/removed/$1"
}

remove_absent() {
  local file module
  for file in "$state"/modules/*.units; do
    [[ -f $file ]] || continue
    module=${file##*/}
    module=${module%.units}
    [[ " ${plan[*]} " == *" $module "* ]] || remove_module "$module"
  done
}

remove_module() {
  local files name number
  mapfile -t files <"$state/modules/$1.units"
  log "$1: removing"
  # Containers first, their volumes' units after them.
  for name in "${files[@]}"; do
    [[ $name != *.container ]] || stop_for_good "$1" "${name%.container}.service"
  done
  for ((number = ${#files[@]} - 1; number >= 0; number--)); do
    name=${files[number]}
    [[ $name != *.volume ]] || stop_for_good "$1" "${name%.volume}-volume.service"
    rm -f -- "$units/$name"
  done
  systemctl daemon-reload || fail INSTALLER-007 "$1" 'systemd could not read the units'
  rm -rf -- "$etc/modules/$1" "$etc/modules/$1.env" "$state/modules/$1.stamp" "$state/modules/$1.failure"
  mkdir -p -- "$state/removed"
  mv -f -- "$state/modules/$1.units" "$state/removed/$1"
  log "$1: removed; its data, its database and its secrets are kept"
}

stop_for_good() {
  timeout 300 systemctl stop "$2" || fail INSTALLER-007 "$1" "$2 could not be stopped"
}

# Authentik keeps what a blueprint once made until one says that it is to be absent.
blueprint_absent() {
  local file module name model
  for file in "$state"/removed/*; do
    [[ -f $file ]] || continue
    module=${file##*/}
    for name in "$module" "$module-gate"; do
      printf '  - {model: authentik_core.application, state: absent, identifiers: {slug: %s}}\n' "$name"
      for model in oauth2.oauth2provider proxy.proxyprovider; do
        printf '  - {model: authentik_providers_%s, state: absent, identifiers: {name: %s}}\n' "$model" "$name"
      done
    done
  done
}
