# shellcheck shell=bash
# Secrets are made here, once, and never leave the beacon. Sourced by install.sh.

# make_secrets MODULE: 256 random bits each, as 64 hexadecimal digits: safe in URLs, SQL and environment files.
make_secrets() {
  local name
  for name in "${module_secrets[@]}"; do make_secret "$1" "$name"; done
}

# make_secret MODULE NAME: MODULE may be empty.
make_secret() {
  local file=$etc/secrets/$2 value
  if [[ ! -s $file ]]; then
    value=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
    ((${#value} == 64)) || fail INSTALLER-007 "$1" 'the beacon gave no random numbers'
    printf '%s' "$value" | write_file "$file" 0600
  fi
  chmod 0600 -- "$file"
}

# secret_base64 NAME: the same 256 bits for applications that want them in base64.
secret_base64() {
  secret_bytes "$1" | base64 --wrap=0
}

# secret_bytes NAME: the 256 bits themselves.
secret_bytes() {
  local digits bytes='' i
  digits=$(<"$etc/secrets/$1")
  for ((i = 0; i < ${#digits}; i += 2)); do bytes+="\\x${digits:i:2}"; done
  printf '%b' "$bytes"
}
