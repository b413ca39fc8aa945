#!/bin/sh
# What the tests need of the machine beside Python. As root on Debian it is installed; elsewhere it is named.
# Debian's PostgreSQL is the oldest that is supported (the newest comes as a wheel); `script` gives a test its
# terminal; Chromium opens the page and the letters; promtool and amtool check the alerts; gcc builds the soak's clock.
set -eu

missing=""
need() { missing="$missing $1"; }
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql
command -v script >/dev/null || need bsdutils
command -v chromium >/dev/null || need chromium
ls /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf >/dev/null 2>&1 || need fonts-dejavu-core
if [ "${1:-}" = soak ]; then
  command -v gcc >/dev/null && ls /usr/include/stdio.h >/dev/null 2>&1 || need "gcc libc6-dev"
fi
tools=""
command -v promtool >/dev/null || tools="$tools prometheus:promtool"
command -v amtool >/dev/null || tools="$tools prometheus-alertmanager:amtool"
[ -n "$missing$tools" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing$missing$tools ..."
  apt-get update -qq
  # shellcheck disable=SC2086 # several words are meant
  [ -z "$missing" ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  # Installed, these packages would start servers: each one's tool is taken out instead.
  for tool in $tools; do
    folder=$(mktemp -d)
    (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root "${tool%:*}" >/dev/null && dpkg-deb -x ./*.deb .)
    install -m 755 "$folder/usr/bin/${tool#*:}" /usr/local/bin/
    rm -r "$folder"
  done
else
  echo "For all of the tests this machine lacks:$missing$tools (names of Debian's packages)"
fi
