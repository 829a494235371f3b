#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs_embed.sh WEB SWAGGER-UI DIRECTORY: gathers what /docs serves, as it is and as gzip, for src/http/docs_files.c to take in.
# WEB has our files. SWAGGER-UI is the unpacked package, or "no". The version is a hash over all of them.
set -eu
web=$1 swagger=$2 directory=$3
rm -rf "$directory"
mkdir -p "$directory"
cp "$web/docs.css" "$web/docs.js" "$directory"
page=plain.html
if [ "$swagger" != no ]; then
	cp "$swagger/swagger-ui-bundle.js" "$swagger/swagger-ui.css" "$swagger/favicon-32x32.png" "$directory"
	page=index.html
fi
cp "$web/$page" "$directory/index.html"
# A source package may be unpacked read-only, and cp takes that over.
chmod u+w "$directory"/*
# The bundle names a map of its sources that is not served.
[ "$swagger" = no ] || sed -i '/^\/[/*]# sourceMappingURL=/d' "$directory/swagger-ui-bundle.js" "$directory/swagger-ui.css"
version=$(cd "$directory" && LC_ALL=C sha256sum -- * | sha256sum | cut -c1-16)
sed "s/@VERSION@/$version/g" "$web/$page" >"$directory/index.html"
for file in "$directory"/*; do
	gzip -9 -n -c "$file" >"$file.gz"
done
printf %s "$version" >"$directory/version"
