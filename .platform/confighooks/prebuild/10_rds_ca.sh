#!/usr/bin/env bash
# The properties may name another file for the certificates. One that is there stays as it is,
# since the processes that run read it at each connection: it is fetched anew with a release.
set -euo pipefail

[[ -z ${DATABASE_CA:-} || -s ${DATABASE_CA:-} ]] ||
  exec "$(dirname "$0")/../../hooks/prebuild/10_rds_ca.sh"
