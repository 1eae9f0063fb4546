# shellcheck shell=bash
# How cloud-init itself fared, from the status that it keeps. Sourced by install.sh.

# One line, and one more for each error. The runner is part of cloud-init's last stage, so that stage has no result yet.
first_boot_result() {
  local status=$root/run/cloud-init/status.json
  if [[ ! -r $status ]]; then
    printf 'cloud-init left no status\n'
    return 0
  fi
  # cloud-init is written in Python, so Python is there.
  python3 - "$status" <<'END' || printf 'the status of cloud-init cannot be read\n'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    status = json.load(file)["v1"]
found = []
for stage in ("init-local", "init", "modules-config", "modules-final"):
    seen = status.get(stage) or {}
    found += [f"{stage}: {error}" for error in seen.get("errors") or []]
    for level, errors in (seen.get("recoverable_errors") or {}).items():
        found += [f"{stage}: {level.lower()}: {error}" for error in errors]
print(f"cloud-init: {status.get('datasource') or 'no data source'}, {len(found)} errors")
print("\n".join(found), end="")
END
}

# The same for a failure's message, on lines of its own; nothing when cloud-init was content or left no word.
first_boot_trouble() {
  local result
  result=$(first_boot_result)
  [[ $result == *', 0 errors' || $result == 'cloud-init left no status' ]] || printf '\n%s' "$result"
}
