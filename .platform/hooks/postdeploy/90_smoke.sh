#!/usr/bin/env bash
# Asks what was just started the way the load balancer does, then whether it can do its work.
set -euo pipefail

site="${SMOKE_URL:-http://127.0.0.1}"
ALLOWED_HOSTS="${ALLOWED_HOSTS:-}"
# The load balancer's health check says an address as Host; everything else has to say a name.
address=192.0.2.1
read -ra names <<<"${ALLOWED_HOSTS//[,*]/ }"
name="${names[0]:-localhost}"
name="${name#.}"
# Behind CloudFront it is another header that says so: both do no harm on this side of nginx.
https=(--header "X-Forwarded-Proto: https" --header "CloudFront-Forwarded-Proto: https")

# Waits half a minute for a 200, unless what answers will not change its mind. (curl's own
# --retry would heed the Retry-After of nginx and wait too long.)
ask() {
  local end=$((SECONDS + 30)) status
  while ((SECONDS < end)); do
    status="$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 5 \
      --header "Host: $2" "${@:3}" "$site$1" || true)"
    case "$status" in
      200) return 0 ;;
      4??) return 1 ;;
    esac
    sleep 1
  done
  return 1
}

if ! ask /healthz "$address"; then
  echo "90_smoke.sh: $site/healthz does not answer 200. Look into /var/log/web.stdout.log." >&2
  exit 1
fi
if ! ask /readyz "$name"; then
  echo "90_smoke.sh: $site/readyz does not answer 200 to $name. Mend ALLOWED_HOSTS, or what it says of the database." >&2
  exit 1
fi
# One real page, which links to static files and asks the database for nothing but a session.
if ! ask /accounts/login/ "$name" "${https[@]}"; then
  echo "90_smoke.sh: the page $site/accounts/login/ does not answer 200. Look into /var/log/web.stdout.log." >&2
  exit 1
fi
