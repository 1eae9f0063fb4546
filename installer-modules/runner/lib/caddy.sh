# shellcheck shell=bash
# One Caddyfile from the modules' routes. Sourced by install.sh.

# Within each site the module's own route puts public paths first and the catch-all last.
write_caddyfile() {
  local module route
  {
    cat -- "$runner/Caddyfile"
    for module in "${plan[@]}"; do
      route=$WOPR_MODULES_FOLDER/$module/route.caddy
      [[ -f $route ]] || continue
      host_of "$module"
      printf '\n# %s\n%s {\n\timport site\n' "$module" "$REPLY"
      expand_file "$module" "$route" | sed -e 's/^./\t&/'
      printf '}\n'
    done
  } | write_file "$etc/Caddyfile" 0644
}
