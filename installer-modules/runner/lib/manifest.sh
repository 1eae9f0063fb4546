# shellcheck shell=bash
# What a module is, as the tarball's manifest.env says; and the words that manifests may use for what differs
# from beacon to beacon. Sourced by install.sh.

# read_manifest MODULE: fills the module_* variables.
# shellcheck disable=SC2034
read_manifest() {
  module_name='' module_summary='' module_core=0 module_memory_mb=0 module_port='' module_subdomain='' module_database='' module_database_engine='' module_sign_in=''
  module_health_path='' module_health_within=120
  module_requires=() module_units=() module_images=() module_secrets=() module_health_status=() module_health_command=()
  module_redirect_paths=()
  # shellcheck source=/dev/null
  . "$WOPR_MODULES_FOLDER/$1/manifest.env"
}

# host_of MODULE: the name it answers at, in REPLY: its own host name, the beacon's for '@', or else its container's.
host_of() {
  [[ -n ${hosts[$1]:-} ]] || { log "module '$1' is not in the plan"; return 1; }
  REPLY=${hosts[$1]}
}

# remember_host MODULE: after read_manifest.
remember_host() {
  case $module_subdomain in
    '') hosts[$1]=wopr-$1 ;;
    '@') hosts[$1]=$WOPR_BEACON ;;
    *) hosts[$1]=$module_subdomain.$WOPR_BEACON ;;
  esac
}

# expand MODULE TEXT: TEXT with every ${word} replaced, in REPLY. What is put in is not looked at again.
# shellcheck disable=SC2016
expand() {
  local module=$1 rest=$2 word out=''
  while [[ $rest == *'${'* ]]; do
    out+=${rest%%'${'*}
    rest=${rest#*'${'}
    word=${rest%%'}'*}
    rest=${rest#*'}'}
    meaning "$module" "$word" || return 1
    out+=$REPLY
  done
  REPLY=$out$rest
}

# meaning MODULE WORD: what one word stands for, in REPLY.
meaning() {
  case $2 in
    beacon) REPLY=$WOPR_BEACON ;;
    admin_email) REPLY=$WOPR_ADMIN_EMAIL ;;
    host) host_of "$1" ;;
    url) host_of "$1" && REPLY=https://$REPLY ;;
    host:*) host_of "${2#*:}" ;;
    url:*) host_of "${2#*:}" && REPLY=https://$REPLY ;;
    secret:*) REPLY=$(<"$etc/secrets/${2#*:}") ;;
    secret32:*) REPLY=$(<"$etc/secrets/${2#*:}") && REPLY=${REPLY:0:32} ;;
    secret_base64:*) REPLY=$(secret_base64 "${2#*:}") ;;
    *) log "unknown word \${$2} in module '$1'"; return 1 ;;
  esac
}

# expand_file MODULE FILE: the expanded text on standard output.
expand_file() {
  expand "$1" "$(<"$2")" || return 1
  printf '%s\n' "$REPLY"
}
