#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit files, as they will be installed: systemd understands every line of them, and the exposure of every service is 1.2 of 10 at most.
set -eu
command -v systemd-analyze >/dev/null || exit 77
srcdir=${srcdir:-.}
dir=$(mktemp -d "$PWD/unitfile-XXXXXX")
trap 'rm -rf "$dir"' EXIT
cp "$srcdir"/systemd/*.socket "$srcdir"/systemd/*.timer "$dir"
# The programs need not be installed to check their units, nor their user to exist.
for unit in systemd/*.service; do
	sed -e 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$unit" >"$dir/${unit##*/}"
done
[ "$(find "$dir" -type f | wc -l)" -ge 4 ] || { echo "there are units missing"; exit 1; }
said=$(cd "$dir" && systemd-analyze verify --man=no ./*.service ./*.socket ./*.timer 2>&1) || { echo "$said"; exit 1; }
# What it says of the machine's own units is none of our business.
said=$(printf '%s\n' "$said" | grep -E 'rtalpd|rescuetime-alp' || true)
[ -z "$said" ] || { echo "$said"; exit 1; }
for unit in "$dir"/*.service; do
	said=$(systemd-analyze security --offline=yes --threshold=12 --no-pager "$unit") || { echo "$said"; exit 1; }
	printf '%s\n' "$said" | tail -n 1
done
