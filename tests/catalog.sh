#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The message catalogue, as it will be installed: systemd takes all of it, and every event is found in it by its MESSAGE_ID.
set -eu
command -v journalctl >/dev/null || exit 77
dir=$(mktemp -d "$PWD/catalog-XXXXXX")
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/usr/lib/systemd/catalog"
cp systemd/rescuetime-alp.catalog "$dir/usr/lib/systemd/catalog/"
said=$(SYSTEMD_LOG_LEVEL=warning journalctl --root="$dir" --update-catalog 2>&1) || { echo "$said"; exit 1; }
[ -z "$said" ] || { echo "$said"; exit 1; }
database=$dir/var/lib/systemd/catalog/database
[ -s "$database" ] || { echo "no database was made"; exit 1; }
# A binary file of sorted identifiers and of texts, each once.
od -An -v -tx1 "$database" | tr -d ' \n' >"$dir/hex"
events=0
for id in $(sed -n 's/^EVENT([A-Z_0-9]*, *"\([0-9a-f]*\)".*/\1/p' "$srcdir/src/base/events.def"); do
	events=$((events + 1))
	grep -q "$id" "$dir/hex" || { echo "not in the database: $id"; exit 1; }
done
[ "$events" -gt 50 ] || { echo "no events were read"; exit 1; }
echo "$events events are explained"
