# SPDX-License-Identifier: Apache-2.0
# Sourced by ./check and ./quickstart, in the top directory: sees to it that the Debian packages of some sections are there.
# shellcheck shell=bash

# A package counts that is installed or that an installed one says it provides: npm may come with another nodejs.
missing_packages() { # SECTION...
	local section package there
	there=" $(dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides},\n' | sed -n 's/^installed //p' |
		sed 's/([^)]*)//g' | tr -s ', \n' ' ') "
	while read -r section package; do
		case " $* " in *" $section "*) ;; *) continue ;; esac
		case "$there" in *" $package "*) ;; *) echo "$package" ;; esac
	done < <(grep -v '^#' debian-packages.txt)
}

# Installs what is missing when that is allowed; says what to do when it is not. Asks no network when nothing is missing.
ensure_packages() { # SECTION...
	local missing
	command -v dpkg-query >/dev/null || { echo "This is not Debian: the packages in debian-packages.txt are taken to be there." >&2; return 0; }
	missing=$(missing_packages "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "These packages are missing: $missing" >&2
		echo "Install them as root:  apt-get install --no-install-recommends $missing" >&2
		return 1
	fi
	echo "installing: $missing"
	# shellcheck disable=SC2086
	{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } \
		>"$PACKAGES_LOG" 2>&1 && return 0
	tail -n 20 "$PACKAGES_LOG" >&2
	return 1
}
