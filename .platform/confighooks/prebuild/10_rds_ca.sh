#!/usr/bin/env bash
# The properties may name other certificates: as in a deployment.
set -euo pipefail

exec "$(dirname "$0")/../../hooks/prebuild/10_rds_ca.sh"
