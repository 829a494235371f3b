# SPDX-License-Identifier: Apache-2.0
# Makes systemd's message catalogue (systemd/catalog.def has the texts) on standard output:
#   awk -f tools/catalog.awk src/base/events.def systemd/catalog.def
# Fails if an event has no text, or a text no event, or names a field that its event does not have.

function fail(text) {
	print text >"/dev/stderr"
	failed = 1
}

# {NAME} is @NAME@ in a catalogue.
function fields(text) {
	while (match(text, /\{[A-Z_0-9]+\}/))
		text = substr(text, 1, RSTART - 1) "@" substr(text, RSTART + 1, RLENGTH - 2) "@" substr(text, RSTART + RLENGTH)
	return text
}

function check_fields(symbol, text) {
	while (match(text, /\{[A-Z_0-9]+\}/)) {
		if (index(line[symbol], substr(text, RSTART, RLENGTH)) == 0)
			fail("systemd/catalog.def: " symbol ": its line has no " substr(text, RSTART, RLENGTH))
		text = substr(text, RSTART + RLENGTH)
	}
}

function wrap(text,   n, words, i, out, width) {
	n = split(text, words, " ")
	for (i = 1; i <= n; i++) {
		if (width > 0 && width + 1 + length(words[i]) > 76) {
			out = out "\n"
			width = 0
		}
		out = out (width > 0 ? " " : "") words[i]
		width += (width > 0) + length(words[i])
	}
	return out
}

# What stands between quotes, joined.
function literals(text,   out) {
	while (match(text, /"([^"\\]|\\.)*"/)) {
		out = out substr(text, RSTART + 1, RLENGTH - 2)
		text = substr(text, RSTART + RLENGTH)
	}
	gsub(/\\"/, "\"", out)
	return out
}

/^EVENT\(/ {
	split($0, part, /[(,]/)
	symbol = part[2]
	order[++count] = symbol
	match($0, /"[0-9a-f]+"/)
	id[symbol] = substr($0, RSTART + 1, RLENGTH - 2)
	sub(/^[^"]*"[0-9a-f]*"/, "")
	line[symbol] = literals($0)
}

/^HELP\(/ {
	split($0, part, /[(,]/)
	helped = part[2]
	if (helped in help_rows)
		fail("systemd/catalog.def: " helped " stands twice")
	if (!(helped in id))
		fail("systemd/catalog.def: no event is called " helped)
	help_rows[helped] = argument = 1
	next
}

helped != "" && /^[ \t]+"/ {
	text[helped, argument] = text[helped, argument] literals($0)
	if ($0 ~ /",[ \t]*$/)
		argument++
	if ($0 ~ /"\)[ \t]*$/) {
		if (argument != 2)
			fail("systemd/catalog.def: " helped " has not two texts")
		helped = ""
	}
}

END {
	for (i = 1; i <= count; i++) {
		symbol = order[i]
		if (!(symbol in help_rows) || text[symbol, 1] == "" || text[symbol, 2] == "") {
			fail("systemd/catalog.def: no text for the event " symbol ": what happened, and what to do")
			continue
		}
		check_fields(symbol, text[symbol, 1] text[symbol, 2])
		printf "%s-- %s\nSubject: %s\nDefined-By: rescuetime-alp\nDocumentation: man:rtalpd(8)\n\n%s\n\nWhat to do:\n%s\n",
			(i > 1 ? "\n" : ""), id[symbol], fields(line[symbol]), wrap(fields(text[symbol, 1])), wrap(fields(text[symbol, 2]))
	}
	exit failed
}
