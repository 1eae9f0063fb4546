# shellcheck shell=bash
# What the stand-ins share. Sourced by each of them.

books=$WOPR_ROOT/var/lib/standins
quadlet=$WOPR_ROOT/etc/containers/systemd
mkdir -p -- "$books"/{known,active,containers,images,journal,asked}

# broken WORD: whether this is to go wrong.
broken() {
  [[ " $WOPR_STANDIN_BREAK " == *" $1 "* ]] && return 0
  [[ -r $WOPR_STANDIN_BREAK_FILE ]] && grep -qxF -- "$1" "$WOPR_STANDIN_BREAK_FILE"
}

# image_broken IMAGE: whether the image belongs to a module that cannot be pulled.
image_broken() {
  local file
  for file in "$quadlet"/*.container; do
    [[ -f $file ]] && grep -qxF -- "Image=$1" "$file" && broken "pull:$(module_of "${file##*/wopr-}")" && return 0
  done
  return 1
}

# module_of NAME: the module to which a unit or container belongs; `authentik-worker.container` is authentik's.
module_of() {
  local name=${1%.*}
  while [[ ! -e $WOPR_ROOT/etc/wopr/modules/$name.env && $name == *-* ]]; do name=${name%-*}; done
  printf '%s' "$name"
}

pause() {
  [[ $1 == 0 ]] || sleep "$1"
}

# One line of a container's book: its unit, or its address.
book() {
  sed -n "s/^$2=//p" "$books/containers/$1"
}

# running CONTAINER: true while its unit is active.
running() {
  [[ -f $books/containers/$1 && -e $books/active/$(book "$1" unit) ]]
}

say() {
  printf '%s\n' "$*" >&2
}

# beyond COMMAND...: the real program of this name.
beyond() {
  PATH=${PATH#*:} exec "$@"
}
