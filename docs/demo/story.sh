#!/bin/bash
# The demo's story, told inside the sandbox's environment: story.sh BIN
set -euo pipefail
export PATH=$1:$PATH
file=docs/demo/cluster-13.yaml
log=$(mktemp)

if [ -t 1 ] || [ -n "${DEMO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' cyan=$'\e[36m' plain=$'\e[0m'; else bold='' dim='' cyan='' plain=''; fi
chapter() { printf '\n%s# %s%s\n' "$dim" "$*" "$plain"; }
show() { # show COMMAND…: as one would type it, then what it says
  local word line=''
  for word in "$@"; do
    case $word in *[*?]*) line+=" '$word'" ;; *) line+=" $word" ;; esac
  done
  printf '%s$%s%s\n' "$bold" "$line" "$plain"
  "$@"
}
world() { curl -fsS "$IRSA_SANDBOX_URL/world"; }

stop_worker() {
  kill -TERM "$worker" 2>/dev/null || true
  wait "$worker" 2>/dev/null || true
  rm -f "$log"
}

irsa-worker 2>"$log" &
worker=$!
trap stop_worker EXIT

chapter "A ClusterConfig as eksctl knows it: three service accounts and the policies that their pods need"
printf '%s' "$cyan"
sed -n '/^iam:/,/^nodeGroups:/p' "$file" | sed '$d'
printf '%s' "$plain"

chapter "Enqueue it, and wait for the outcomes"
show irsactl create iamserviceaccount -f "$file" --wait

chapter "What Kubernetes has now"
world | jq -r '.clusters["us-west-2/cluster-13"].serviceAccounts[]
  | select(.metadata.annotations["eks.amazonaws.com/role-arn"])
  | "\(.metadata.namespace)/\(.metadata.name)\n  eks.amazonaws.com/role-arn: \(.metadata.annotations["eks.amazonaws.com/role-arn"])"'

chapter "Who may assume the role of backend-apps/s3-reader: this service account of this cluster, nobody else"
world | jq '.accounts["111122223333"].roles[] | select(.tags["irsa.dev/service-account"] == "backend-apps/s3-reader")
  | .assumeRolePolicyDocument.Statement[0]'

chapter "Again: nothing to do, nothing written"
show irsactl create iamserviceaccount -f "$file" --wait

chapter "Somebody detaches a policy by hand; a dry run sees it, and the same request mends it"
world | jq -c '{accounts: {"111122223333": {roles: [.accounts["111122223333"].roles[]
  | select(.tags["irsa.dev/service-account"] == "backend-apps/s3-reader") | .attachedPolicies = []]}}}' |
  curl -fsS -X PUT --data-binary @- "$IRSA_SANDBOX_URL/world" >/dev/null
show irsactl create iamserviceaccount -f "$file" --include 'backend-apps/s3-*' --dry-run=server
show irsactl create iamserviceaccount -f "$file" --include 'backend-apps/s3-*' --wait

chapter "And away with it: roles and service accounts go, namespaces stay"
show irsactl delete iamserviceaccount -f "$file" --approve --wait
world | jq -r '"roles left: \(.accounts["111122223333"].roles | length)"'

chapter "Your turn: build/release/bin/irsa-sandbox -- bash opens a shell with all of this; README.md, \"Use it\", goes on from there"
