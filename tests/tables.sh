#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tables: no identifier or number stands twice. A retired row keeps its number, so a number that was ever used stays taken.
set -eu
cd "${srcdir:-.}"

# twice WHAT: prints each line of the input that occurs more than once.
twice() {
	sort | uniq -d | sed "s/^/$1 stands twice: /"
}

rows() { # FILE MACRO FIELD: the FIELDth argument of each row
	sed -n "s/^$2(\(.*\)/\1/p" "$1" | awk -F, -v n="$3" '{ gsub(/^[ \t"]+|[ \t")]+$/, "", $n); print $n }'
}

# Every event is explained (tools/catalog.awk says what is missing).
findings() {
	awk -f tools/catalog.awk src/base/events.def systemd/catalog.def 2>&1 >/dev/null || true
	rows src/base/events.def EVENT 1 | twice 'event'
	rows src/base/events.def EVENT 2 | twice 'MESSAGE_ID'
	rows src/base/events.def EVENT 2 | grep -vE '^[0-9a-f]{32}$' | sed 's/^/not a MESSAGE_ID: /' || true
	rows src/proto/messages.def MESSAGE 1 | twice 'message'
	rows src/proto/messages.def MESSAGE 3 | twice 'message number'
	rows src/proto/messages.def MESSAGE 3 | grep -vE '^[0-9]+$' | sed 's/^/not a message number: /' || true
	rows src/queue/job_kinds.def JOB_KIND 1 | twice 'job kind'
	rows src/queue/job_kinds.def JOB_KIND 3 | twice 'job kind number'
}

# A changed layout of a table must not turn this test into one that finds nothing because it reads nothing.
for table in 'src/base/events.def EVENT' 'src/proto/messages.def MESSAGE' 'src/queue/job_kinds.def JOB_KIND'; do
	# shellcheck disable=SC2086
	set -- $table
	[ "$(rows "$1" "$2" 1 | wc -l)" -ge 2 ] || { echo "$1: no rows were read"; exit 1; }
done
bad=$(findings)
[ -z "$bad" ] || { printf '%s\n' "$bad"; exit 1; }
