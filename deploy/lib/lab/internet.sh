# shellcheck shell=bash disable=SC2034,SC2154
# The lab's internet: a network namespace with a bridge and no way out. In it stand the names, the metadata service, the
# package archive, the container registry, and WOPR itself, relayed from this machine's loopback. Sourced by deploy/lab.

# The emulated provider hands out addresses of 198.18.0.0/15 and 2001:db8::/32; these two are never among them.
readonly INTERNET=198.19.255.254 INTERNET6=2001:db8::1

# run_internet FOLDER SERVICE-PORT BREAKS: until standard input closes. Writes FOLDER/internet/ready once it is up.
run_internet() {
  local folder=$1 port=$2 breaks=$3
  make_roots
  make_images
  clear_cgroups
  mkdir -p -- "$folder/internet" "$folder/seeds"
  # User-data hold the servers' first secrets.
  chmod 0700 -- "$folder/seeds"
  registry_of "$folder" "$breaks"
  sockets=$(sockets_of "$folder")
  mkdir -p -- "$sockets" && chmod 0700 -- "$sockets"
  rm -f -- "$sockets"/*
  after=(rm -rf -- "$sockets")
  start socat "UNIX-LISTEN:$sockets/service,fork,backlog=64" "TCP:127.0.0.1:$port"
  start unshare --net --mount -- "$me" internet-inside "$folder" "$sockets" "$roots"
  until_stdin_closes
}

# In the namespaces of its own.
run_internet_inside() {
  local folder=$1 sockets=$2
  roots=$3
  # dnsmasq changes its privileges, and with that forgets to end with its parent.
  trap stop_children EXIT
  trap 'exit 0' TERM INT
  ip link set lo up
  ip link add br0 type bridge
  ip addr add "$INTERNET/15" dev br0
  ip addr add 169.254.169.254/32 dev br0
  ip addr add "$INTERNET6/32" dev br0 nodad
  ip link set br0 up
  caddyfile "$folder" "$sockets" >"$folder/internet/Caddyfile"
  start "$me" workshop-program "$roots" sbin/dnsmasq --keep-in-foreground --no-resolv --no-hosts --user=root --pid-file --bind-interfaces \
    --listen-address="$INTERNET" --address="/lab/$INTERNET" --local=/#/ --log-facility=-
  XDG_DATA_HOME=$folder/internet XDG_CONFIG_HOME=$folder/internet start "$me" workshop-program "$roots" bin/caddy run --config "$folder/internet/Caddyfile" --adapter caddyfile
  printf '%s\n' "$$" >"$folder/internet/pid"
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/$INTERNET/80") 2>/dev/null; then
      printf '%s\n' "$sockets" >"$folder/internet/ready"
      wait -n
      die "a part of the lab's internet ended: $(tail -n 3 "$folder/internet/log")"
    fi
    sleep 0.1
  done
  die "the lab's internet does not start"
}

# One of the workshop's programs with its own libraries, whatever this machine has.
workshop_program() {
  local program=$roots/workshop/usr/$1
  shift
  exec "$roots/workshop/lib64/ld-linux-x86-64.so.2" --library-path "$roots/workshop/usr/lib/x86_64-linux-gnu" "$program" "$@"
}

# The registry's files, as links; what is to be broken is composed anew. BREAKS are words like module:ID.
registry_of() {
  local folder=$1 registry=$1/internet/registry word
  rm -rf -- "$registry"
  mkdir -p -- "$registry"
  cp -al -- "$images/v2" "$registry/v2" 2>/dev/null || cp -a -- "$images/v2" "$registry/v2"
  cp -- "$images/report" "$registry/report"
  for word in $2; do
    [[ -d $ROOT/installer-modules/${word#*:} ]] || die "no module can be broken by '$word'"
    compose_module "$registry/v2" "${word#*:}" "${word%%:*}" >/dev/null
    printf 'broken %s\n' "$word" >>"$registry/report"
  done
}

# Every request is logged with its size: the phases' bytes are counted there.
caddyfile() {
  local folder=$1 sockets=$2
  cat <<END
{
	admin off
	auto_https off
	log {
		output file $folder/internet/log
	}
}
http://169.254.169.254 {
	bind 169.254.169.254
	root * $folder/seeds/{remote_host}
	# As the provider's service has it.
	rewrite /hetzner/v1/metadata /hetzner/metadata
	rewrite /hetzner/v1/metadata/instance-id /hetzner/instance-id
	rewrite /hetzner/v1/userdata /user-data
	file_server
}
(logged) {
	bind $INTERNET
	log {
		output file $folder/internet/access.log
		# No headers: one of them is the callback's token.
		format filter {
			wrap json
			fields {
				request>headers delete
				resp_headers delete
			}
		}
	}
}
http://packages.lab {
	import logged
	root * $roots/packages
	file_server
}
http://registry.lab {
	import logged
	root * $folder/internet/registry
	header Docker-Distribution-Api-Version registry/2.0
	@manifests path */manifests/*
	header @manifests Content-Type application/vnd.oci.image.manifest.v1+json
	respond /v2/ 200
	file_server
}
http://wopr.lab {
	import logged
	reverse_proxy unix/$sockets/service
}
END
}

# A Unix socket's path has at most 107 characters.
sockets_of() {
  if ((${#1} < 70)); then
    printf '%s/internet/sockets' "$1"
    return 0
  fi
  printf '/run/wopr-lab-%s' "$(printf '%s' "$1" | cksum | cut -d' ' -f1)"
}
