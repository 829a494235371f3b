#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the given programs under valgrind, as many at once as there are processors. Leaves the numbers of passed and failed ones in
# valgrind.passed and valgrind.failed, each program's words in valgrind.<program>.log, and prints those that failed.
set -u
rm -f valgrind.*.log valgrind.passed valgrind.failed
# shellcheck disable=SC2016 # the inner shell expands
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} sh -c '
	valgrind -q --suppressions="$top_srcdir/tools/valgrind.supp" --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite ./{} >valgrind.{}.log 2>&1 ||
		{ status=$?; tail -n 40 valgrind.{}.log; echo "under valgrind failed ($status): {}" | tee -a valgrind.failures.log; }'
failed=0
[ ! -e valgrind.failures.log ] || failed=$(wc -l <valgrind.failures.log)
echo $(($# - failed)) >valgrind.passed
echo "$failed" >valgrind.failed
[ "$failed" = 0 ] || { cat valgrind.failures.log; exit 1; }
