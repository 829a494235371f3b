#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes ./configure from its source; needs autoconf, automake, autoconf-archive and pkgconf.
set -e
cd "$(dirname "$0")"
mkdir -p m4 build-aux
exec autoreconf --install --force
