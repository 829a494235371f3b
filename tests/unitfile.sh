#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit file, as it will be installed: systemd understands every line of it, and its exposure stays low (1.5 of 10).
set -eu
command -v systemd-analyze >/dev/null || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# The program need not be installed to check its unit, nor its user to exist.
sed -e 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' systemd/rtalpd.service >"$dir/rtalpd.service"
said=$(systemd-analyze verify --man=no "$dir/rtalpd.service" 2>&1) || { echo "$said"; exit 1; }
said=$(printf '%s\n' "$said" | grep -F rtalpd.service || true)
[ -z "$said" ] || { echo "$said"; exit 1; }
systemd-analyze security --offline=yes --threshold=15 --no-pager "$dir/rtalpd.service" | tail -n 1
