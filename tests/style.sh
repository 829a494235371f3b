#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a reader would point at and a machine can find: banned functions, missing licence lines, overlong files and functions, things left
# for later, paths of somebody's machine. Every finding is printed; none is allowed.
set -eu
cd "${srcdir:-.}"
FILE_LINES=600      # of the product
TEST_FILE_LINES=800 # a test is read case by case
FUNCTION_LINES=80

sources=$(find src tests tools systemd etc -type f \
	\( -name '*.[ch]' -o -name '*.def' -o -name '*.mk' -o -name '*.sh' -o -name '*.py' \) | sort)
c_files=$(printf '%s\n' "$sources" | grep '\.[ch]$')
scripts='check quickstart autogen.sh configure.ac Makefile.am'

findings() {
	# shellcheck disable=SC2086 # file names of ours hold no spaces
	grep -nE '(^|[^A-Za-z0-9_.>])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gmtime|localtime|system|popen|alloca|signal|gets)\(' $c_files |
		grep -vE ':[[:space:]]*(/?\*|//)' | sed 's/^/banned function: /' || true
	for f in $sources $scripts; do
		[ -f "$f" ] || continue
		head -n 2 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "no licence line: $f"
	done
	# shellcheck disable=SC2086
	wc -l $c_files | awk -v src=$FILE_LINES -v tests=$TEST_FILE_LINES '{ max = $2 ~ /^src/ ? src : tests }
		$2 != "total" && $1 > max { print "longer than " max " lines: " $2 " (" $1 ")" }'
	# Its absence costs one check, not the build of a package.
	# shellcheck disable=SC2086
	! command -v ctags >/dev/null || ctags --languages=C --kinds-C=f --fields=+ne -f - $c_files 2>/dev/null | awk -F'\t' -v max=$FUNCTION_LINES '{
		first = last = 0
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) first = substr($i, 6)
			if ($i ~ /^end:/) last = substr($i, 5)
		}
		if (last - first + 1 > max) print "longer than " max " lines: " $2 ": " $1 "() (" last - first + 1 ")"
	}'
	# The words are put together here so that this file does not find itself.
	# shellcheck disable=SC2086
	grep -nE "\\b(TO""DO|FIX""ME|XX""X)\\b" $sources $scripts *.md 2>/dev/null | sed 's/^/left for later: /' || true
	# shellcheck disable=SC2086
	grep -nE "(^|[^A-Za-z0-9_./-])/(wo""rk|fa""rm|ho""me)/" $sources $scripts *.md 2>/dev/null | sed "s/^/a machine's path: /" || true
}

bad=$(findings)
[ -z "$bad" ] || { printf '%s\n' "$bad"; exit 1; }
