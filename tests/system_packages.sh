#!/usr/bin/env bash
# Installs the system packages that the tests need and this machine lacks, through apt-get.
# Where it may not or cannot, it names them and ends well all the same: what then could
# not run is for the test runner to report.
set -euo pipefail

# The -core packages bring MariaDB's programs and start no service.
packages=(
  mariadb-server-core mariadb-client-core  # the private database server
  libmariadb-dev pkg-config gcc libc6-dev  # to compile its driver
  chromium fonts-liberation                # browser tests
  curl                                     # the README's lines, and the hooks
  nginx-light unzip util-linux             # the rehearsal of the deployment
  python3-venv python3-dev                 # ... for which the unprivileged user needs a Python
)

missing=()
for package in "${packages[@]}"; do
  status="$(dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null || true)"
  [[ $status == ?i* ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

root=()
if [[ $EUID -ne 0 ]]; then
  root=(sudo --non-interactive)
fi

install() {
  "${root[@]}" true 2>/dev/null || return 1
  echo "Installing ${missing[*]} ..."
  "${root[@]}" apt-get update -qq || return 1
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
}

if ! command -v apt-get >/dev/null || ! install; then
  echo "Some tests may not run. They need these system packages (Debian's names):"
  echo "    apt-get install --no-install-recommends ${missing[*]}"
fi
