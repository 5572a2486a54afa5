# Sourced by demo, test and check: everything a fresh Debian or Ubuntu machine needs, safe to repeat. Progress goes to stderr.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
cd "$root"

say() { printf '\033[2m[setup]\033[0m %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

apt_updated=
need_debian() { # package ... : installs what is missing
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "missing: ${missing[*]}; this system has no apt-get, install them by its own means and run this again"
  [ "$(id -u)" = 0 ] || fail "missing Debian packages; run once: sudo apt-get install ${missing[*]}"
  say "installing Debian packages: ${missing[*]}"
  if [ -z "$apt_updated" ]; then
    apt-get update -qq >&2 || fail "apt-get update failed: is there a network?"
    apt_updated=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$root/.apt.log" 2>&1 ||
    { tail -n 5 "$root/.apt.log" >&2; fail "apt-get could not install ${missing[*]} (whole log: .apt.log)"; }
  rm -f "$root/.apt.log"
}

fits() { "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() { # prints an interpreter >= 3.11 that can make a venv
  local name
  for name in python3.11 python3.12 python3.13 python3 python3.14; do
    if command -v "$name" >/dev/null && fits "$name"; then echo "$name"; return 0; fi
  done
  return 1
}

need_venv() { # extras, such as demo or dev
  local python stamp
  if [ ! -x "$venv/bin/python" ]; then
    python=$(find_python) || { need_debian python3 python3-venv; python=$(find_python); } ||
      fail "Python >= 3.11 with venv is needed; found: $(python3 --version 2>&1 || echo none)"
    say "making .venv with $("$python" --version)"
    "$python" -m venv "$venv"
  fi
  stamp=$(cat pyproject.toml constraints.txt scripts/setup.sh | sha256sum | cut -c1-16)
  if ! grep -qs "$stamp $1" "$venv/.edgeguard-setup"; then
    say "installing edgeguard[$1] and its pinned dependencies (first time: some minutes)"
    # A person sees pip's progress, a log only what went wrong.
    local quiet=(--quiet --progress-bar off)
    [ ! -t 2 ] || quiet=()
    "$venv/bin/python" -m pip install "${quiet[@]}" --disable-pip-version-check -c constraints.txt -e ".[$1]" >&2 ||
      fail "pip could not install the dependencies: is there a network, and a package index that pip may use?"
    echo "$stamp $1" >>"$venv/.edgeguard-setup"
  fi
}
