#!/bin/bash
# A real kube-apiserver and the etcd under it, built from the Go modules that go.mod and go.sum beside this file pin.
#
#   build.sh check     status 77 and one line when the machine lacks what fetch needs
#   build.sh fetch     build what is absent into the cache; prints what it did
#   build.sh where     the folder with kube-apiserver and etcd
#
# Four minutes on two cores from nothing. Go's own caches of that build (6 GB) stand in the cache while it runs, so that
# an interrupted one goes on where it was, and are removed when it is done.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../cache.sh"

version=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' "$here/go.mod")
home=$(part_dir "kube-$version" "$here/go.mod" "$here/go.sum")

check() {
  local wanted found
  if [ -d "$home" ]; then return; fi
  wanted=$(awk '$1 == "go" { print $2 }' "$here/go.mod")
  command -v go >/dev/null || missing "needs Go $wanted or newer (go.dev/dl) to build kube-apiserver $version: found none"
  found=$(go version | sed 's/.*go version go\([0-9.]*\).*/\1/')
  version_at_least "$wanted" "$found" ||
    missing "needs Go $wanted or newer (go.dev/dl) to build kube-apiserver $version: found $found"
}

build() {
  local work minor ldflags package=k8s.io/component-base/version
  work=$(cache_root)/kube-build
  mkdir -p "$work/bin"
  # The caches are this build's own, and writable so that they can be removed again.
  export GOPATH=$work/go GOMODCACHE=$work/go/mod GOCACHE=$work/go-build GOTMPDIR=$work CGO_ENABLED=0 \
    GOTOOLCHAIN=local GOWORK=off GOFLAGS='-mod=readonly -modcacherw -trimpath -buildvcs=false'
  minor=${version#v1.}
  # Without a gitVersion /version says "v0.0.0-master+$Format:%H$".
  ldflags="-s -w -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
  cd "$here"
  # What Go says is for the one who looks into a failure: a line for each of its hundred modules.
  nice go build -ldflags "$ldflags -X $package.gitTreeState=clean" -o "$work/bin/" \
    k8s.io/kubernetes/cmd/kube-apiserver go.etcd.io/etcd/server/v3 >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
  }
  mv "$work/bin/server" "$work/bin/etcd"
  mv "$work/bin" "$home"
  rm -rf "$work"
}

fetch() {
  lock kube
  if [ -d "$home" ]; then echo "have kube-apiserver $version and etcd"; return; fi
  check
  build
  echo "made kube-apiserver $version and etcd in $SECONDS s"
}

case "${1:-} $#" in
  "check 1") check ;;
  "fetch 1") fetch ;;
  "where 1") echo "$home" ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
