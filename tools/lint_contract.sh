#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lint_contract.sh BUILD CONFIG MODULES: has the linter of the npm project tests/openapi read the document that BUILD publishes.
set -eu
build=$1 config=$2 modules=$3
document=$build/openapi.json
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

# The front end with pretended verbs: the document is the same, and nothing else needs to be there.
rm -f "$build/fake_app.port"
"$build/fake_app" >"$build/fake_app.port" 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	! grep -qs '^port [0-9]' "$build/fake_app.port" || break
	sleep 0.5
done
curl -fsS -o "$document" "http://127.0.0.1:$(cut -d' ' -f2 "$build/fake_app.port")/openapi.json"

lint() {
	timeout 120 node "$modules/@redocly/cli/bin/cli.js" lint --config "$config" "$1"
}
lint "$document"
# A linter that finds nothing in a broken document would prove nothing.
sed 's/"operationId":"jobs_list"/"operationId":"jobs_get"/' "$document" >"$document.broken.json"
! lint "$document.broken.json" >/dev/null 2>&1 || { echo "the linter does not see that two operations have one id"; exit 1; }
