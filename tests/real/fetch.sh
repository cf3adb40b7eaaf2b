#!/bin/bash
# Bring everything that the real tier needs into the cache: ${IRSA_CACHE:-${XDG_CACHE_HOME:-~/.cache}/irsa}/real.
#
# One line per part, "have ..." or "made ... in 12 s". Safe to interrupt and to run again, also twice at once. Where the
# machine lacks a toolchain: status 77 and one line that names it, before anything is fetched or built.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

"$here/kafka.sh" check
"$here/kube/build.sh" check

# Kafka comes from the network while Go keeps the processors busy.
"$here/kafka.sh" fetch &
kafka=$!
status=0
"$here/kube/build.sh" fetch || status=$?
wait $kafka || status=$?
exit $status
