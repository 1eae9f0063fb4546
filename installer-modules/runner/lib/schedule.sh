# shellcheck shell=bash
# Which module is installed when: each as soon as what it needs is ready, several at a time. Only this process reports,
# so that what WOPR hears is in order. Sourced by install.sh.

# How many modules are installed at once: what waits for a start needs little, what starts needs a processor.
parallel=${WOPR_PARALLEL:-$(nproc)}
((parallel <= 4)) || parallel=4
declare -A needs=() ready=() began=() running=()

install_all() {
  local module pid status
  while ((${#ready[@]} < ${#plan[@]})); do
    for module in "${plan[@]}"; do
      ((${#running[@]} < parallel)) || break
      [[ -n ${began[$module]:-} ]] || ! may_begin "$module" || begin "$module"
    done
    status=0
    wait -n -p pid "${!running[@]}" || status=$?
    module=${running[$pid]}
    unset "running[$pid]"
    ((status == 0)) || give_up "$module" "$status"
    is_ready "$module"
  done
}

may_begin() {
  local needed
  for needed in ${needs[$1]}; do [[ -n ${ready[$needed]:-} ]] || return 1; done
}

begin() {
  began[$1]=1
  log "$1: installing"
  report "$(stage_of "$1")" "$progress" --module "$1" --message installing
  install_module "$1" &
  running[$!]=$1
}

is_ready() {
  ready[$1]=1
  is_up[$1]=1
  write_face
  progress=$((20 + 75 * ${#ready[@]} / ${#plan[@]}))
  log "$1: ready"
  report "$(stage_of "$1")" "$progress" --module "$1" --message ready
}

# The first failure is the one that is told. What else has begun may end: a second run finds it done.
give_up() {
  local module=$1 code=INSTALLER-007 message="the installation of '$1' ended with status $2" file=$state/modules/$1.failure pid
  # The first line is the code, the rest is what was said last.
  if [[ -s $file ]]; then { IFS= read -r code && message=$(cat); } <"$file"; fi
  report_failure "$code" "$module" "$message"
  stop_pulling
  for pid in "${!running[@]}"; do
    wait "$pid" || { log "failed as well: ${running[$pid]}"; continue; }
    is_up[${running[$pid]}]=1
    write_face
  done
  exit "$reported"
}

stage_of() {
  read_manifest "$1"
  if [[ $module_core == 1 ]]; then printf core_modules; else printf app_modules; fi
}
