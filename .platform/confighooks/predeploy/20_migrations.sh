#!/usr/bin/env bash
# The properties may name another database: as in a deployment.
set -euo pipefail

exec "$(dirname "$0")/../../hooks/predeploy/20_migrations.sh"
