#!/bin/bash
# ./dev demo: the whole path on the sandbox. Everything runs on this machine and ends with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=$PWD/build/release/bin
exec "$bin/irsa-sandbox" --cluster cluster-13:us-west-2:111122223333 -- docs/demo/story.sh "$bin"
