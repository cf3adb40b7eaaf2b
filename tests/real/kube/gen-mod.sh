#!/bin/bash
# Write go.mod and go.sum beside this file anew, for another version of Kubernetes: gen-mod.sh v1.36.0
#
# For whoever moves the pinned version; no test runs it. Kubernetes requires its staging modules as v0.0.0 and replaces
# them by paths inside its own tree: here each is replaced by the version published with that release.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
version=${1:?usage: gen-mod.sh v1.MINOR.PATCH}
staging=v0.${version#v1.}
export GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=mod

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
printf 'module x\n\ngo 1.25.0\n' >go.mod   # "go mod download" asks for a module around it
upstream=$(go mod download -json "k8s.io/kubernetes@$version" | awk -F'"' '$2 == "GoMod" { print $4 }')
cd "$OLDPWD"

rm -f go.mod go.sum
cat >go.mod <<END
// The programs of a real Kubernetes API server, pinned by go.sum. Made by gen-mod.sh, which moves the version; there is
// no code here, only the two tools.
module irsa.dev/tests/real/kube

$(sed -n -e '/^go /p' -e '/^godebug /p' "$upstream")

require k8s.io/kubernetes $version

replace (
$(awk -v staging="$staging" '$2 == "=>" && $3 ~ /^\.\/staging\// { print "\t" $1 " => " $1 " " staging }' "$upstream")
)

tool (
	go.etcd.io/etcd/server/v3
	k8s.io/kubernetes/cmd/kube-apiserver
)
END
go mod tidy
