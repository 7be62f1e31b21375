#!/usr/bin/env bash
# New code never starts on a database that lacks its migrations.
set -euo pipefail

cd "$(dirname "$0")/../../.."
# shellcheck source=/dev/null
source /var/app/venv/*/bin/activate

if ! python manage.py migrate --check; then
  echo "20_migrations.sh: the database cannot be reached or lacks migrations. Look above for which, then run migrate_locked or mend RDS_*." >&2
  exit 1
fi
