# shellcheck shell=bash disable=SC2034,SC2154
# The container images of all modules, as files that any web server can hand out to `podman pull`. PostgreSQL, Redis and
# Caddy are Debian's own programs; every other application is a stand-in that answers HTTP on the module's port.
# Sourced by deploy/lab.

readonly REAL=(postgres redis caddy)

# Sets `images` to the folder of the registry's files, and composes it when modules or recipes have changed.
make_images() {
  local key name
  key=$(cd "$ROOT" && cat deploy/lib/lab/images.sh deploy/lib/lab/standin deploy/lib/lab/postgres-entrypoint installer-modules/*/module.yaml installer-modules/*/*.container installer-modules/*/*-start "$roots/debian.sources" | sha256sum | cut -c1-12)
  images=$roots/images-$key
  [[ -e $images/complete ]] && return 0
  rm -rf -- "$roots"/images-*
  mkdir -p -- "$images/layers"
  for name in "${REAL[@]}" standin; do
    mkdir -p "$images/build/$name"
    "layer_$name" "$images/build/$name"
    tar -C "$images/build/$name" --numeric-owner --sort=name -cf "$images/layers/$name.tar" .
    gzip -1 -kf "$images/layers/$name.tar"
    digest_of "$images/layers/$name.tar" >"$images/layers/$name.tar.digest"
    digest_of "$images/layers/$name.tar.gz" >"$images/layers/$name.tar.gz.digest"
  done
  rm -rf -- "$images/build"
  for name in "$ROOT"/installer-modules/*/module.yaml; do
    name=${name%/module.yaml}
    compose_module "$images/v2" "${name##*/}" ''
  done | sort -u >"$images/report"
  : >"$images/complete"
}

# compose_module FOLDER MODULE BREAK: every image that the module names. BREAK is empty, or `module` (it starts and dies),
# `unhealthy` (it answers 503) or `pull` (it is not there).
compose_module() {
  local folder=$1 module=$2 broken=$3 image name
  while read -r image; do
    name=${image##*/}
    name=${name%%:*}
    if [[ $broken == pull ]]; then
      rm -f -- "$folder/${image%:*}/manifests/${image##*:}"
    elif [[ -z $broken && $image == docker.io/library/* && " ${REAL[*]} " == *" $name "* ]]; then
      put_image "$folder" "$image" "$name" "$(config_of "$name")"
      printf 'real %s %s\n' "$image" "$(version_of "$name")"
    else
      put_image "$folder" "$image" standin "$(config_of_standin "$module" "$broken")"
      printf 'stand-in %s\n' "$image"
    fi
  done < <(cd "$ROOT/installer-modules/$module" && { sed -n 's/^image: *//p' module.yaml; sed -n 's/^Image=//p' ./*.container; } | sort -u)
}

# put_image FOLDER REFERENCE LAYER CONFIG: blobs by digest, the manifest by tag and by digest.
put_image() {
  local repository=${2%:*} tag=${2##*:} folder config manifest layer=$images/layers/$3 digest
  folder=$1/$repository
  mkdir -p -- "$folder/blobs" "$folder/manifests"
  digest=$(<"$layer.tar.gz.digest")
  ln -f -- "$layer.tar.gz" "$folder/blobs/$digest"
  config=$(jq -cn --arg diff "$(<"$layer.tar.digest")" --argjson config "$4" \
    '{architecture: "amd64", os: "linux", config: $config, rootfs: {type: "layers", diff_ids: [$diff]}}')
  printf '%s' "$config" >"$folder/blobs/config"
  manifest=$(jq -cn --arg config "$(digest_of "$folder/blobs/config")" --argjson config_size "${#config}" --arg layer "$digest" --argjson layer_size "$(stat -c %s "$layer.tar.gz")" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $config_size},
      layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: $layer, size: $layer_size}]}')
  mv -f -- "$folder/blobs/config" "$folder/blobs/$(digest_of "$folder/blobs/config")"
  # Not written over: the old one may be another registry's too.
  rm -f -- "$folder/manifests/$tag"
  printf '%s' "$manifest" >"$folder/manifests/$tag"
  cp -- "$folder/manifests/$tag" "$folder/manifests/$(digest_of "$folder/manifests/$tag")"
}

digest_of() {
  local sum
  sum=$(sha256sum <"$1")
  printf 'sha256:%s' "${sum%% *}"
}

config_of() {
  case $1 in
    postgres) jq -cn '{Entrypoint: ["/bin/entrypoint"], Env: ["PATH=/bin"], ExposedPorts: {"5432/tcp": {}}}' ;;
    redis) jq -cn '{Cmd: ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no"], Env: ["PATH=/bin"], WorkingDir: "/data"}' ;;
    caddy) jq -cn '{Cmd: ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"], Env: ["PATH=/bin", "XDG_DATA_HOME=/data", "XDG_CONFIG_HOME=/config"]}' ;;
  esac
}

# The port and the status that the module's manifest promises.
config_of_standin() {
  local manifest=$ROOT/installer-modules/$1/module.yaml port status
  port=$(sed -n 's/^port: *\([0-9]*\).*/\1/p' "$manifest")
  status=$(sed -n '/^health:/,/^[a-z]/s/^  status: *\[\([0-9]*\).*/\1/p' "$manifest")
  jq -cn --arg env "LAB_MODULE=$1" --arg port "LAB_PORT=${port:-80}" --arg status "LAB_STATUS=${status:-200}" --arg broken "LAB_BROKEN=$2" \
    '{Entrypoint: ["/bin/standin"], Env: ["PATH=/bin", $env, $port, $status, $broken]}'
}

version_of() {
  case $1 in
    postgres) in_workshop /usr/lib/postgresql/17/bin/postgres --version ;;
    redis) in_workshop redis-server --version | cut -d' ' -f1-3 ;;
    caddy) in_workshop caddy version ;;
  esac
}

in_workshop() {
  chroot "$roots/workshop" "$@"
}

# --- layers ---------------------------------------------------------------------------------------------------------

layer_base() {
  local applet
  mkdir -p -- "$1"/{bin,etc,tmp,var/run,proc,sys,dev,root,data,config,usr/share,lib64}
  chmod 1777 "$1/tmp"
  cp -- "$roots/workshop/bin/busybox" "$1/bin/busybox"
  while read -r applet; do ln -sf busybox "$1/bin/$applet"; done < <(in_workshop busybox --list | grep -vx busybox)
  printf '%s\n' root:x:0:0:root:/root:/bin/sh postgres:x:999:999::/var/lib/postgresql:/bin/sh redis:x:998:998::/data:/bin/sh www-data:x:33:33::/:/bin/sh >"$1/etc/passwd"
  printf '%s\n' root:x:0: postgres:x:999: redis:x:998: www-data:x:33: >"$1/etc/group"
  printf 'hosts: files dns\n' >"$1/etc/nsswitch.conf"
}

# put_programs FOLDER PROGRAM...: with every library that they load, and those that names need.
put_programs() {
  local folder=$1 file
  shift
  in_workshop ldd "$@" /usr/bin/getent 2>/dev/null | grep -o '/[^ :]*' | sort -u | while read -r file; do put_file "$folder" "$file"; done
  for file in libnss_files.so.2 libnss_dns.so.2 libresolv.so.2; do put_file "$folder" "/usr/lib/x86_64-linux-gnu/$file"; done
  for file in "$@"; do
    put_file "$folder" "$file"
    [[ $file != */bin/* ]] || ln -sf "$file" "$folder/bin/${file##*/}"
  done
}

put_file() {
  local source
  source=$(in_workshop readlink -f "$2") || return 0
  mkdir -p -- "$1${2%/*}"
  cp -- "$roots/workshop$source" "$1$2"
}

layer_redis() {
  layer_base "$1"
  put_programs "$1" /usr/bin/redis-server /usr/bin/redis-cli
  chown 998:998 "$1/data"
}

layer_caddy() {
  layer_base "$1"
  put_programs "$1" /usr/bin/caddy
}

layer_standin() {
  layer_base "$1"
  cp -- "$lib/standin" "$1/bin/standin"
  # What modules' units and hooks expect in the applications' images: users, other entry points, commands.
  local word users=999
  printf '#!/bin/sh\nexit 0\n' >"$1/bin/nothing"
  chmod 755 "$1/bin/nothing"
  while read -r word; do
    grep -q "^$word:" "$1/etc/passwd" || printf '%s:x:%d:%d::/:/bin/sh\n' "$word" "$((users += 1))" "$users" >>"$1/etc/passwd"
  done < <(sed -n 's/^User=\([a-z][a-z0-9_-]*\)$/\1/p' "$ROOT"/installer-modules/*/*.container | sort -u)
  while read -r word; do
    [[ -e $1/$word ]] || { mkdir -p -- "$1/$(dirname -- "$word")" && ln -s /bin/standin "$1/$word"; }
  done < <(sed -n 's|^Entrypoint=/\([^ ]*\)$|\1|p' "$ROOT"/installer-modules/*/*.container | sort -u)
  while read -r word; do
    [[ -e $1/bin/$word ]] || ln -s nothing "$1/bin/$word"
  done < <(printf 'php\nmariadb\n'; sed -n 's/^  command: \[\([a-z][a-z0-9._-]*\).*/\1/p' "$ROOT"/installer-modules/*/module.yaml | sort -u)
}

layer_postgres() {
  local home=/usr/lib/postgresql/17 programs=() program
  layer_base "$1"
  for program in postgres initdb pg_ctl psql pg_isready pg_dump pg_dumpall pg_restore; do programs+=("$home/bin/$program"); done
  for program in plpgsql dict_snowball pgcrypto uuid-ossp citext pg_trgm hstore btree_gin unaccent; do programs+=("$home/lib/$program.so"); done
  put_programs "$1" "${programs[@]}"
  mkdir -p -- "$1/usr/share/postgresql" "$1/var/lib/postgresql/data" "$1/var/run/postgresql" "$1/usr/share/zoneinfo/Etc"
  cp -r -- "$roots/workshop/usr/share/postgresql/17" "$1/usr/share/postgresql/"
  put_file "$1" /usr/share/zoneinfo/Etc/UTC
  chown -R 999:999 "$1/var/lib/postgresql" "$1/var/run/postgresql"
  cp -- "$lib/postgres-entrypoint" "$1/bin/entrypoint"
}
