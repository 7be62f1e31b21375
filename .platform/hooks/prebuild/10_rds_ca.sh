#!/usr/bin/env bash
# Fetches the certificates that the database's is checked against, from RDS_CA_URL to
# DATABASE_CA. They are Amazon's and change now and then, so they are no part of the bundle.
set -euo pipefail

[[ -n ${DATABASE_CA:-} ]] || exit 0

complain() {
  echo "10_rds_ca.sh: $1" >&2
}

# As many ends as beginnings: a download that broke off must not pass.
holds_certificates() {
  local begun ended
  begun="$(grep -c -e '-----BEGIN CERTIFICATE-----' "$1")" || return 1
  ended="$(grep -c -e '-----END CERTIFICATE-----' "$1")" || return 1
  [[ $begun -eq $ended ]]
}

if [[ -z ${RDS_CA_URL:-} ]]; then
  complain "RDS_CA_URL is not set. Set it to the address of the RDS certificate bundle, or unset DATABASE_CA."
  exit 1
fi

mkdir -p "$(dirname "$DATABASE_CA")"
fetched="$(mktemp "$DATABASE_CA.XXXXXX")"
trap 'rm -f "$fetched"' EXIT

if curl --fail --silent --show-error --proto '=https,file' --connect-timeout 5 --max-time 30 \
  --retry 3 --retry-connrefused --output "$fetched" "$RDS_CA_URL" &&
  holds_certificates "$fetched"; then
  chmod 644 "$fetched"
  mv -f "$fetched" "$DATABASE_CA"
elif holds_certificates "$DATABASE_CA" 2>/dev/null; then
  complain "no certificates came from RDS_CA_URL ($RDS_CA_URL); those already in $DATABASE_CA stay."
else
  complain "no certificates came from RDS_CA_URL ($RDS_CA_URL). Mend the address or the way out of the network, or unset DATABASE_CA."
  exit 1
fi
