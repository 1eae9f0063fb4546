# shellcheck shell=bash disable=SC2034
# What the scripts in deploy/ share. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly ROOT

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 2
}

# The package that brings a tool, for the one command that installs what is missing.
package_of() {
  case $1 in
    initdb) echo postgresql ;;
    setpriv | unshare | nsenter | flock) echo util-linux ;;
    systemd-nspawn) echo systemd-container ;;
    ip) echo iproute2 ;;
    qemu-system-x86_64) echo qemu-system-x86 ;;
    qemu-img) echo qemu-utils ;;
    mke2fs) echo e2fsprogs ;;
    xz) echo xz-utils ;;
    ssh | ssh-keygen) echo openssh-client ;;
    apt-get) echo apt ;;
    *) echo "$1" ;;
  esac
}

# need TOOL...: installs what is missing when this may be done unasked (root and apt), else prints the one command.
need() {
  local tool missing=()
  for tool in "$@"; do
    have "$tool" || missing+=("$(package_of "$tool")")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # No cluster of the package's own: WOPR starts a private one.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/wopr.conf
    apt-get update -qq >/dev/null || warn "apt-get update failed; trying with the lists that are here"
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || die "could not install ${missing[*]}"
    return 0
  fi
  if command -v brew >/dev/null; then die "missing: ${missing[*]}. Run: brew install ${missing[*]}"; fi
  die "missing: ${missing[*]}. Run: sudo apt-get install -y ${missing[*]}"
}

have() {
  case $1 in
    initdb) [ -n "$(postgres_bin)" ] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# The folder of the newest initdb: PATH, Debian's, Homebrew's; empty when there is none.
postgres_bin() {
  local candidate best='' version best_version=0
  for candidate in "$(command -v initdb || true)" /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql@*/bin/initdb /usr/local/opt/postgresql@*/bin/initdb; do
    # A wrapper or a lone link is no good: the server and its tools stand beside the real one.
    candidate=$(readlink -f "$candidate" || true)
    { [ -x "$candidate" ] && [ -x "${candidate%/*}/postgres" ] && [ -x "${candidate%/*}/pg_isready" ]; } || continue
    version=$("$candidate" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
    [ "$version" -gt "$best_version" ] && best=${candidate%/*} best_version=$version
  done
  printf '%s' "$best"
}

need_dotnet() {
  command -v dotnet >/dev/null || die "missing: the .NET 10 SDK (package dotnet-sdk-10.0). See https://dotnet.microsoft.com/download"
  dotnet --list-sdks | grep -q '^10\.' || die "the .NET SDK $(dotnet --version 2>/dev/null || echo '?') is not version 10: install the package dotnet-sdk-10.0"
}

# What decides whether packages can be restored: the sources that are configured, and what names them in the environment.
package_sources() {
  { dotnet nuget list source --format short && env | grep -iE '^(Restore|NuGet_|Hangfire|Scriban)' | sort; } 2>/dev/null | sha256sum
}

# choose_hangfire LOG: true when the Hangfire profile is to be used, which is built then. WOPR_PROFILE (core, hangfire)
# decides; without it the profile is taken where its packages can be restored from the package sources that are configured.
# That is tried once a day, and again when the sources change. One line says what was chosen.
choose_hangfire() {
  local project=$ROOT/orchestrator/Wopr.Hangfire
  local refused=$project/obj/refused sources
  [ "${WOPR_PROFILE:-}" != core ] || { say "core profile, as WOPR_PROFILE says"; return 1; }
  sources=$(cd "$ROOT" && package_sources)
  if [ -n "${WOPR_PROFILE:-}" ] || [ -z "$(find "$refused" -mmin -1440 2>/dev/null)" ] || [ "$(cat "$refused")" != "$sources" ]; then
    if timeout 180 dotnet restore "$project" -v q -nologo >>"$1" 2>&1; then
      rm -f "$refused"
      dotnet build "$project" -c Release --no-restore -v q -nologo -clp:ErrorsOnly >>"$1" 2>&1 || { tail -n 20 "$1" >&2; die "the Hangfire profile does not build"; }
      say "Hangfire profile"
      return 0
    fi
    mkdir -p "$project/obj"
    printf '%s\n' "$sources" >"$refused"
  fi
  [ "${WOPR_PROFILE:-}" != hangfire ] || { tail -n 20 "$1" >&2; die "the Hangfire profile cannot be restored: its packages are in none of the package sources configured here"; }
  say "core profile: the packages of Hangfire, Hangfire.PostgreSql and Scriban are in none of the package sources configured here"
  return 1
}

# As an unprivileged user when we are root, and never longer than the process that asked for it.
# as USER SIGNAL COMMAND...
as() {
  local user=$1 signal=$2
  shift 2
  if ! command -v setpriv >/dev/null; then exec "$@"; fi
  if [ "$(id -u)" -eq 0 ]; then
    exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --pdeathsig "$signal" -- "$@"
  fi
  exec setpriv --pdeathsig "$signal" -- "$@"
}

# reachable FOLDER USER: the real place of a folder that USER must get at. Below a home or a temporary folder that is
# closed to others it is kept under /var/tmp and linked from where it belongs.
reachable() {
  local folder=$1 user=$2 real id
  mkdir -p "$folder.parent" 2>/dev/null && rmdir "$folder.parent"
  if [ -L "$folder" ]; then
    real=$(readlink "$folder")
    mkdir -p "$real"
  elif [ "$(id -u)" -ne 0 ] || (as "$user" KILL test -x "$(dirname "$folder")"); then
    real=$folder
    mkdir -p "$real"
  else
    id=$(head -c 6 /dev/urandom | od -An -tx1 | tr -d ' \n')
    real=/var/tmp/wopr-$id
    mkdir -p "$real"
    ln -s "$real" "$folder"
  fi
  if [ "$(id -u)" -eq 0 ]; then chown "$user" "$real"; fi
  chmod 700 "$real"
  printf '%s' "$real"
}
