# shellcheck shell=bash
# The beacon's one account: what Authentik needs to know of the other modules. Sourced by install.sh.
# Authentik reads blueprints from a folder and applies them again whenever they change.

# The clients' secrets, for Authentik's environment; the blueprint names them but does not hold them.
sign_in_secrets() {
  local module
  for module in "${plan[@]}"; do
    read_manifest "$module"
    [[ $module_sign_in == oidc ]] || continue
    printf 'WOPR_OIDC_%s=%s\n' "$(client_variable "$module")" "$(<"$etc/secrets/${module//-/_}_oidc")"
  done
}

client_variable() {
  local name=${1^^}
  printf '%s' "${name//-/_}"
}

write_sign_in() {
  local module proxies=()
  {
    blueprint_head
    for module in "${plan[@]}"; do
      read_manifest "$module"
      host_of "$module"
      if [[ $module_sign_in == oidc ]]; then
        blueprint_oidc "$module" "https://$REPLY"
        blueprint_application "$module" "https://$REPLY"
      fi
      if grep -qs '^[[:space:]]*import signed_in$' "$WOPR_MODULES_FOLDER/$module/route.caddy"; then
        local gate=$module launch=https://$REPLY
        # Where the application signs people in itself, Caddy's question is a second one that nobody needs to see.
        [[ $module_sign_in != oidc ]] || gate=$module-gate launch=blank://blank
        proxies+=("$gate")
        blueprint_proxy "$gate" "https://$REPLY"
        blueprint_application "$gate" "$launch"
      fi
    done
    blueprint_absent
    host_of authentik
    blueprint_outpost "https://$REPLY" "${proxies[@]}"
  } | write_file "$etc/blueprints/wopr.yaml" 0644
}

# Authentik's own blueprints first: they make the flows and scopes that ours point to.
blueprint_head() {
  cat <<'END'
version: 1
metadata:
  name: WOPR
entries:
  - model: authentik_blueprints.metaapplyblueprint
    attrs: {identifiers: {name: Default - Provider authorization flow (implicit consent)}, required: false}
  - model: authentik_blueprints.metaapplyblueprint
    attrs: {identifiers: {name: Default - Provider invalidation flow}, required: false}
  - model: authentik_blueprints.metaapplyblueprint
    attrs: {identifiers: {name: System - OAuth2 Provider - Scopes}, required: false}
END
}

blueprint_flows() {
  cat <<'END'
      authorization_flow: !Find [authentik_flows.flow, [slug, default-provider-authorization-implicit-consent]]
      invalidation_flow: !Find [authentik_flows.flow, [slug, default-provider-invalidation-flow]]
END
}

blueprint_oidc() {
  local path scope claims=$WOPR_MODULES_FOLDER/$1/claims.py
  [[ ! -f $claims ]] || blueprint_claims "$1" "$claims"
  cat <<END
  - model: authentik_providers_oauth2.oauth2provider
    id: provider-$1
    identifiers: {name: $1}
    attrs:
      client_type: confidential
      client_id: $1
      client_secret: !Env WOPR_OIDC_$(client_variable "$1")
      signing_key: !Find [authentik_crypto.certificatekeypair, [name, authentik Self-signed Certificate]]
      sub_mode: user_uuid
END
  blueprint_flows
  printf '      redirect_uris:\n'
  for path in "${module_redirect_paths[@]}"; do
    printf '        - {matching_mode: strict, url: "%s%s"}\n' "$2" "$path"
  done
  printf '      property_mappings:\n'
  for scope in openid profile email; do
    if [[ $scope == profile && -f $claims ]]; then printf '        - !KeyOf claims-%s\n' "$1"; continue; fi
    printf '        - !Find [authentik_providers_oauth2.scopemapping, [managed, goauthentik.io/providers/oauth2/scope-%s]]\n' "$scope"
  done
}

# For an application that expects other words about a person than OpenID Connect's own.
blueprint_claims() {
  cat <<END
  - model: authentik_providers_oauth2.scopemapping
    id: claims-$1
    identifiers: {name: $1}
    attrs:
      scope_name: profile
      expression: |
END
  sed -e 's/^./        &/' -- "$2"
}

blueprint_proxy() {
  cat <<END
  - model: authentik_providers_proxy.proxyprovider
    id: provider-$1
    identifiers: {name: $1}
    attrs:
      mode: forward_single
      external_host: "$2"
END
  blueprint_flows
}

blueprint_application() {
  cat <<END
  - model: authentik_core.application
    identifiers: {slug: $1}
    attrs:
      name: "$module_name"
      provider: !KeyOf provider-$1
      meta_launch_url: "$2"
END
}

# blueprint_outpost URL MODULE...: the part of Authentik that answers Caddy's question whether someone is signed in.
blueprint_outpost() {
  local url=$1 module
  shift
  (($# > 0)) || return 0
  cat <<END
  - model: authentik_outposts.outpost
    identifiers: {managed: goauthentik.io/outposts/embedded}
    attrs:
      config: {authentik_host: "$url"}
      providers:
END
  for module in "$@"; do printf '        - !KeyOf provider-%s\n' "$module"; done
}
