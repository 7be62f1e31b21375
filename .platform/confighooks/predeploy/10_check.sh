#!/usr/bin/env bash
# A change of environment properties restarts the application without a deployment: what is
# wrong with them has to stop it first.
set -euo pipefail

cd "$(dirname "$0")/../../.."
# shellcheck source=/dev/null
source /var/app/venv/*/bin/activate

if ! python manage.py check --deploy --fail-level ERROR; then
  echo "10_check.sh: the environment properties are not right. Mend the one named above." >&2
  exit 1
fi
