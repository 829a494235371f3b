#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Arrows between the directories of src/ point down only, and each outside library is known where it belongs and nowhere else.
# Add a permission here only together with the reason in HACKING.md.
set -eu
cd "${srcdir:-.}"
bad=$(find src -name '*.[ch]' -o -name '*.def' | sort | xargs awk '
BEGIN {
	# directory -> what it may include: a directory, or one header of it
	allow["base"]    = ""
	allow["proto"]   = "base"
	allow["rules"]   = "proto base"
	allow["queue"]   = "base"
	allow["store"]   = "base queue proto"
	allow["workers"] = "rules proto base"
	allow["alp"]     = "base"
	allow["app"]     = "store queue proto base alp/alp_entry.h rules/units.h rules/rules.h rules/rule_places.h rules/ruleset_file.h rules/notes.h"
	allow["http"]    = "app store queue base alp/lists.h alp/probe.h rules/units.h rules/work_hours.h"
	allow["daemon"]  = "http app alp store queue proto rules workers base"
	allow["ctl"]     = "rules base"
	# header of an outside library -> who may know it
	only["sqlite3.h"] = "store ctl/prototype.c"
	only["pcre2.h"]   = "rules"
	only["event.h"]   = "alp http daemon"
	only["event2/"]   = "alp http daemon"
	only["curl/"]     = "alp ctl daemon workers"
	only["hiredis/"]  = "alp"
	only["openssl/"]  = "http workers daemon/setting_check.c"
	only["seccomp.h"] = "workers"
	only["libconfig.h"] = "daemon rules"
	only["systemd/"]  = "base daemon"
}
function listed(word, list,   n, w, i) {
	n = split(list, w, " ")
	for (i = 1; i <= n; i++)
		if (w[i] == word) return 1
	return 0
}
FNR == 1 { split(FILENAME, part, "/"); dir = part[2] }
/^[ \t]*#[ \t]*include[ \t]+"/ {
	split($0, q, "\""); target = q[2]
	if (index(target, "/") == 0) { print FILENAME ":" FNR ": \"" target "\" must be named with its directory"; next }
	split(target, t, "/")
	if (t[1] != dir && !listed(t[1], allow[dir]) && !listed(target, allow[dir]))
		print FILENAME ":" FNR ": " dir " must not include \"" target "\""
}
/^[ \t]*#[ \t]*include[ \t]+</ {
	split($0, q, /[<>]/); target = q[2]
	for (h in only)
		if (index(target, h) == 1 && !listed(dir, only[h]) && !listed(substr(FILENAME, 5), only[h]))
			print FILENAME ":" FNR ": " dir " must not know <" target ">"
}
dir != "store" && FILENAME != "src/ctl/prototype.c" && /"[^"]*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|PRAGMA) [a-zA-Z_*]/ {
	print FILENAME ":" FNR ": SQL belongs into src/store"
}')
[ -z "$bad" ] || { echo "$bad"; exit 1; }
