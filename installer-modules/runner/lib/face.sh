# shellcheck shell=bash
# What the beacon shows the world at its own address. Sourced by install.sh.

# beacon.json with the modules that are up, and the home page with their addresses.
write_face() {
  local module shown=()
  for module in "${plan[@]}"; do
    [[ ${is_up[$module]:-0} == 0 ]] || shown+=("$module")
  done
  beacon_json "${shown[@]}" | write_file "$state/public/.well-known/wopr/beacon.json" 0644
  home_page "${shown[@]}" | write_file "$state/public/index.html" 0644
  chmod 0755 -- "$state/public/.well-known" "$state/public/.well-known/wopr"
}

# The job's id opens its status page to whoever holds it, so only its SHA-256 is shown: enough to tell whose beacon this is.
beacon_json() {
  local job list=''
  job=$(printf '%s' "$WOPR_JOB_ID" | sha256sum)
  (($# == 0)) || list=$(printf ',"%s"' "$@")
  printf '{"beacon":"%s","name":"%s","job_sha256":"%s","installer_sha256":"%s","bundle":"%s","modules":[%s]}\n' \
    "$WOPR_BEACON" "$WOPR_BEACON_NAME" "${job%% *}" "$WOPR_INSTALLER_SHA256" "$WOPR_BUNDLE" "${list#,}"
}

home_page() {
  local module cards=''
  for module in "$@"; do
    read_manifest "$module"
    [[ $module_core == 0 || $module == authentik ]] || continue
    [[ -n $module_subdomain ]] || continue
    host_of "$module"
    cards+=$(printf '<li><a href="https://%s/"><b>%s</b><span>%s</span></a></li>' "$REPLY" "$module_name" "$module_summary")$'\n'
  done
  cat <<END
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$WOPR_BEACON_NAME</title>
<style>
:root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif; }
body { max-width: 56rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 2.2rem; margin: 0 0 .25rem; }
p { margin: 0 0 2rem; opacity: .75; }
ul { list-style: none; padding: 0; margin: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
a { display: block; height: 100%; box-sizing: border-box; padding: 1.1rem 1.25rem; border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: .75rem; color: inherit; text-decoration: none; }
a:hover, a:focus-visible { border-color: currentColor; }
b { display: block; font-size: 1.1rem; }
span { opacity: .75; font-size: .95rem; }
</style>
<h1>$WOPR_BEACON_NAME</h1>
<p>Your own cloud, at $WOPR_BEACON.</p>
<ul>
$cards</ul>
</html>
END
}
