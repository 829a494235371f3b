#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rules files of ours: what stands beside each rule as an example of it is so, and the linter has nothing to say.
set -eu
for file in "${srcdir:-.}"/etc/rules*.conf; do
	said=$(./rtalpctl rules test "$file") || { echo "$said"; exit 1; }
	case $said in
	*", 0 not so, 0 warnings") ;;
	*) echo "$said"; exit 1 ;;
	esac
done
