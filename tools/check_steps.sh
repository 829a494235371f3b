# SPDX-License-Identifier: Apache-2.0
# The steps of ./check: each a function that runs in a shell of its own, prints to its log, and fails when something in it failed.
# shellcheck shell=bash

count() { # automake DIR | junit FILE
	/usr/bin/python3 "$top/tools/count_tests.py" "$@" >"$logs/$NAME.counts"
}

# skip REASON: nothing was tested, and nothing is wrong with that.
skip() {
	echo "0 0" >"$logs/$NAME.counts"
	echo "$*" >"$logs/$NAME.skipped"
}

# Installed once for all builds, by ./check. Where it could not be had they are built as a source package is, or without the page at /docs.
swagger_ui() {
	[ ! -d "$work/npm/node_modules/swagger-ui-dist" ] || echo "--with-swagger-ui=$work/npm/node_modules/swagger-ui-dist"
}

# Configures once for each set of options; make sees to the rest when configure.ac changes.
build() { # DIR CONFIGURE-ARGUMENTS...
	local dir=$work/$1
	shift
	# shellcheck disable=SC2046 # one word or none
	set -- "$@" $(swagger_ui)
	mkdir -p "$dir" && cd "$dir" || return 1
	[ -f Makefile ] && [ "$(cat configured-with 2>/dev/null)" = "$*" ] ||
		{ "$top/configure" -q "$@" && echo "$*" >configured-with; } || return 1
	make -s -j"$jobs"
}

# Every N-th of the cases made by chance is enough where another step has them all.
fewer() { # N
	[ "$full" = yes ] || export RTALP_FEWER=$1
}

make_check() {
	local rc
	find . -name '*.trs' -delete
	# Some of them wait.
	make -s -j"$((jobs + 1))" check
	rc=$?
	[ $rc = 0 ] || cat test-suite.log
	count automake . # last, because it names the failed ones
	return $rc
}

step_configure() {
	[ "$top/configure" -nt "$top/configure.ac" ] && [ "$top/Makefile.in" -nt "$top/Makefile.am" ] || "$top/autogen.sh"
}

# With what only tests need; a step that is run alone has no other to build it.
gcc_build() {
	build gcc --enable-developer CC=gcc && make -s -j"$jobs" check TESTS=
}

step_gcc() {
	gcc_build && make_check
}

# They are part of `make check` too; here they run even when nothing builds.
step_style() {
	local rc=0 p=0 f=0 t
	for t in layers style tables; do
		if srcdir=$top "$top/tests/$t.sh"; then p=$((p + 1)); else f=$((f + 1)) rc=1; fi
	done
	echo "$p $f" >"$logs/$NAME.counts"
	return $rc
}

step_clang() {
	build clang --enable-developer CC=clang CFLAGS='-g0 -O1' && make -s -j"$jobs" check TESTS=
}

sanitizer_build() {
	build sanitizer --enable-sanitizer=address,undefined CC=gcc CFLAGS='-g -O1' && make -s -j"$jobs" check TESTS= || return 1
	export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
}

step_sanitizer() {
	fewer 4
	sanitizer_build && make_check
}

step_valgrind() {
	local rc
	fewer 8
	cd "$work/gcc" && make -s -k check-valgrind
	rc=$?
	echo "$(cat valgrind.passed) $(cat valgrind.failed)" >"$logs/$NAME.counts"
	return $rc
}

end_to_end() { # BUILD
	local rc
	cd "$top" || return 1
	# Several files at once: most tests wait, and no two of them share a daemon or a sandbox.
	RTALP_BUILDDIR=$work/$1 /usr/bin/python3 -m pytest tests/e2e -q -rs -n "$((jobs + 1))" --dist loadfile -p no:cacheprovider --junitxml="$logs/$NAME.xml"
	rc=$?
	count junit "$logs/$NAME.xml"
	return $rc
}

step_e2e() {
	end_to_end gcc
}

# Under a systemd of their own; the long form is step_package.
step_boot() {
	local rc why
	why=$(/usr/bin/python3 "$top/tests/boot/machine.py") && [ -z "$why" ] || { skip "${why:-no machine}"; return 0; }
	cd "$top" || return 1
	RTALP_BUILDDIR=$work/gcc /usr/bin/python3 -m pytest tests/boot/test_short.py -q -p no:cacheprovider --junitxml="$logs/$NAME.xml"
	rc=$?
	count junit "$logs/$NAME.xml"
	return $rc
}

# The Debian packages, built twice and held against each other, and in machines from install to purge.
step_package() {
	local rc why
	gcc_build || return 1
	why=$(/usr/bin/python3 "$top/tests/boot/machine.py") && [ -z "$why" ] || { skip "${why:-no machine}"; return 0; }
	rm -rf "$work/package"
	cd "$top" || return 1
	RTALP_PACKAGES=$work/package RTALP_BUILDDIR=$work/gcc /usr/bin/python3 -m pytest tests/boot -q -p no:cacheprovider --junitxml="$logs/$NAME.xml"
	rc=$?
	count junit "$logs/$NAME.xml"
	return $rc
}

# With more of the requests that are made by chance.
step_e2e_sanitizer() {
	export RTALP_EXAMPLES=4 RTALP_SLOWER=${RTALP_SLOWER:-5}
	sanitizer_build && end_to_end sanitizer
}

# The same over TLS. A crowd takes longer to shake hands than to connect.
step_e2e_tls() {
	export RTALP_TLS=1 RTALP_SLOWER=${RTALP_SLOWER:-2}
	gcc_build && end_to_end gcc
}

# The same test as in step_e2e, with twenty times the deaths.
step_proof() {
	local rc
	gcc_build && cd "$top" || return 1
	RTALP_KILLS=1000 RTALP_BUILDDIR=$work/gcc /usr/bin/python3 -m pytest tests/e2e/test_posting_proof.py -q -p no:cacheprovider --junitxml="$logs/$NAME.xml"
	rc=$?
	count junit "$logs/$NAME.xml"
	return $rc
}

# Ten minutes of mixed load: memory and descriptors stay level.
step_soak() {
	gcc_build && "$top/tests/soak" "$work/gcc"
}

# Without a directory for it, its run time makes no file of the constants, whose shadow would stand in the way of what a worker maps later.
thread_build() {
	build thread --enable-sanitizer=thread CC=gcc CFLAGS='-g -O1' && make -s -j"$jobs" check TESTS= || return 1
	export TSAN_OPTIONS="suppressions=$top/tests/tsan.supp:halt_on_error=1:second_deadlock_stack=1" TMPDIR=/nonexistent
	# What is made by chance is tried elsewhere; here everything takes ten times as long.
	export RTALP_FEWER=8 RTALP_SLOWER=${RTALP_SLOWER:-5}
}

# Two threads at the same memory.
step_thread_sanitizer() {
	thread_build && make_check
}

step_e2e_thread() {
	thread_build && end_to_end thread
}

# Every write, fsync and allocation fails in turn; step_gcc and step_e2e have some of them. The log has the counts.
step_sweep() {
	local rc=0
	export RTALP_SWEEP=full
	gcc_build || return 1
	./test_message_fault || rc=1
	./test_fault_sweep || rc=1
	cd "$top" && RTALP_BUILDDIR=$work/gcc /usr/bin/python3 -m pytest tests/e2e/test_no_memory.py -q -rP -n "$jobs" -p no:cacheprovider || rc=1
	return $rc
}

step_contract() {
	"$top/tools/npm_ci.sh" "$top/tests/openapi" "$work/contract" ||
		{ skip "the linter is not installed, and npm cannot get it now"; return 0; }
	build gcc --enable-developer CC=gcc && make -s fake_app &&
		"$top/tools/lint_contract.sh" "$work/gcc" "$top/tests/openapi/redocly.yaml" "$work/contract/node_modules"
}

step_distcheck() {
	fewer 16
	cd "$work/gcc" && make -s -j"$((jobs + 1))" distcheck DISTCHECK_CONFIGURE_FLAGS="CFLAGS='-g0 -O1'"
}

hunt() { # TARGET
	mkdir -p "corpus-$1"
	"./$1" -max_total_time=60 -verbosity=0 -print_final_stats=1 "corpus-$1" "$top/tests/fuzz/corpus/${1#fuzz_}" >"$1.passed" 2>&1 ||
		mv "$1.passed" "$1.failed"
}

# Looks for new inputs for a minute a target; what it finds that breaks is left in the build directory.
step_fuzz() {
	local p f
	export top LSAN_OPTIONS=suppressions=$top/tests/lsan.supp
	build fuzz --enable-fuzzing --enable-sanitizer=address,undefined CC=clang CFLAGS='-g -O1' || return 1
	rm -f fuzz_*.passed fuzz_*.failed
	export -f hunt
	# shellcheck disable=SC2016 # for the shells that are started
	find . -maxdepth 1 -name 'fuzz_*' -type f -executable -printf '%f\n' | sort | xargs -n 1 -P "$jobs" bash -c 'hunt "$1"' -
	p=$(find . -maxdepth 1 -name 'fuzz_*.passed' | wc -l) f=$(find . -maxdepth 1 -name 'fuzz_*.failed' | wc -l)
	find . -maxdepth 1 -name 'fuzz_*.passed' | sort | xargs -r tail -v -n 8
	find . -maxdepth 1 -name 'fuzz_*.failed' | sort | xargs -r tail -v -n 60
	echo "$p $f" >"$logs/$NAME.counts"
	[ "$p" -gt 0 ] && [ "$f" = 0 ]
}
