# shellcheck shell=bash
# Hands the first account over: a link that Authentik takes once, sealed for the browser that asked for it. In the clear it
# is in this process only, neither in a file nor on a command line. Sourced by agent.sh.

# In minutes; the service waits as long for it (FirstSignIns.cs).
link_minutes=30

# hand_over FILE: what the heartbeat was answered with. A key in it is that of a browser that waits.
hand_over() {
  local shape='"sign_in_key":"([A-Za-z0-9+/]{392})"' key link sealed status
  [[ -f $1 && $(<"$1") =~ $shape ]] || return 0
  key=${BASH_REMATCH[1]}
  if ! link=$(sign_in_link); then
    log 'agent: Authentik made no link for the first sign-in'
    return 1
  fi
  if ! sealed=$(printf '%s' "$link" | seal "$key"); then
    log 'agent: the link for the first sign-in could not be sealed'
    return 1
  fi
  printf '{"key":"%s","sealed":"%s"}' "$key" "$sealed" | write_file "$agent/sign-in.json" 0600
  status=$(call sign-in 'header = "Content-Type: application/json"' "data-binary = \"@$agent/sign-in.json\"" 'output = "/dev/null"')
  rm -f -- "$agent/sign-in.json"
  # 409: whoever asked has given up, or asked anew.
  [[ $status == 2?? || $status == 409 ]] || refused 'the link for the first sign-in' "$status"
}

# The path of the link; the setup page knows at which host.
sign_in_link() {
  local said shape='(/recovery/use-token/[A-Za-z0-9_-]{16,120}/)'
  said=$(timeout 120 podman exec wopr-authentik-worker ak create_recovery_key "$link_minutes" akadmin </dev/null 2>/dev/null) || return 1
  [[ $said =~ $shape ]] || return 1
  printf '%s' "${BASH_REMATCH[1]}"
}

# seal KEY: standard input for the owner of KEY alone, as one line of base64. A browser's RSA-OAEP with SHA-256.
seal() {
  openssl pkeyutl -encrypt -pubin -inkey <(printf -- '-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n' "$(fold -w 64 <<<"$1")") \
    -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 | base64 --wrap=0
}
