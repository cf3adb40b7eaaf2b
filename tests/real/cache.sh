# shellcheck shell=bash
# What the scripts of the real tier share: where built parts are kept, and how a missing tool is told. To be sourced.

# A tool that a machine lacks is a missing part, not a failure: automake's and ctest's status for "skipped".
MISSING=77

missing() { echo "real tier: $*" >&2; exit $MISSING; }

# The cache is outside of the checkout, shared by all checkouts, and may be deleted at any time.
cache_root() { echo "${IRSA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/irsa}/real"; }

# part_dir NAME FILE...: a part's own folder, another one whenever the files that pin it change.
part_dir() {
  local name=$1
  shift
  echo "$(cache_root)/$name-$(cat "$@" | sha256sum | cut -c1-12)"
}

# lock NAME: hold a lock until the script ends, so that of two runs one builds and the other waits for it.
lock() {
  mkdir -p "$(cache_root)"
  exec 9>"$(cache_root)/.$1.lock"
  flock 9
}

# version_at_least WANTED FOUND: dotted numbers.
version_at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
