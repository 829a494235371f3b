#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# npm_ci.sh PROJECT DIRECTORY: installs exactly what the project's lock file names below DIRECTORY/node_modules, unless it is there already.
# No script of any package is run. What npm has in its cache is not asked for again.
set -eu
project=$1 directory=$2
mkdir -p "$directory"
if [ -d "$directory/node_modules" ] && cmp -s "$project/package-lock.json" "$directory/installed-lock.json"; then
	exit 0
fi
command -v npm >/dev/null || { echo "npm is not installed" >&2; exit 1; }
rm -f "$directory/installed-lock.json"
for file in package.json package-lock.json .npmrc; do
	cp -f "$project/$file" "$directory/$file"
done
cd "$directory"
timeout 300 npm ci --ignore-scripts --prefer-offline --no-audit --no-fund >npm.log 2>&1 </dev/null || {
	rm -rf node_modules
	grep -m 3 -i error npm.log >&2 || true
	exit 1
}
cp -f package-lock.json installed-lock.json
