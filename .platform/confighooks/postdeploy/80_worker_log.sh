#!/usr/bin/env bash
# As in a deployment.
set -euo pipefail

exec "$(dirname "$0")/../../hooks/postdeploy/80_worker_log.sh"
