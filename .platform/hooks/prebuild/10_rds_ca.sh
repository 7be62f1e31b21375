#!/usr/bin/env bash
# Fetches the certificates that the database's is checked against, from RDS_CA_URL to
# DATABASE_CA. They are Amazon's and change now and then, so they are no part of the bundle.
set -euo pipefail

[[ -n ${DATABASE_CA:-} ]] || exit 0

complain() {
  echo "10_rds_ca.sh: $1" >&2
}

# As many ends as beginnings, and Python can read them: a download that broke off, or that holds
# something else, must not pass.
holds_certificates() {
  local begun ended
  begun="$(grep -c -e '-----BEGIN CERTIFICATE-----' "$1")" || return 1
  ended="$(grep -c -e '-----END CERTIFICATE-----' "$1")" || return 1
  [[ $begun -eq $ended ]] &&
    python3 -c 'import ssl, sys; ssl.create_default_context(cafile=sys.argv[1])' "$1" 2>/dev/null
}

if [[ -e $DATABASE_CA && ! -f $DATABASE_CA ]]; then
  complain "DATABASE_CA ($DATABASE_CA) is not a file. Set it to the path of one."
  exit 1
fi

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
