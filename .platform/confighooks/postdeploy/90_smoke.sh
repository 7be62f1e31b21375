#!/usr/bin/env bash
# As in a deployment.
set -euo pipefail

exec "$(dirname "$0")/../../hooks/postdeploy/90_smoke.sh"
