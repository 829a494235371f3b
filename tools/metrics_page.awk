# SPDX-License-Identifier: Apache-2.0
# Makes the list of metrics of rtalp-metrics(7) of src/base/metrics.def.

# Splits the arguments of a row; commas within quotes part nothing. Returns how many there are.
function arguments(text,    n, quoted, i, c) {
	n = 1
	split("", arg)
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\"")
			quoted = !quoted
		else if (c == "," && !quoted)
			n++
		else if (quoted || c !~ /[ \t]/)
			arg[n] = arg[n] c
	}
	return n
}
function by(set,    names, said) {
	if (label[set] == "")
		return ""
	names = label[set]
	sub(/,/, ", ", names)
	said = values[set] == "" ? names : names " (" values[set] ")"
	return said
}
function labels(    first, second) {
	first = by(arg[4])
	second = by(arg[5])
	if (first == "")
		return ""
	return ", by " first (second == "" ? "" : " and " second)
}
function tell(    n, line, parts, i) {
	suffix = arg[2] == "COUNTER" ? "_total" : arg[2] == "INFO" ? "_info" : ""
	print ".It Li " arg[1] suffix
	print (arg[2] == "INFO" ? "An " : "A ") tolower(arg[2]) (arg[3] == "" ? "" : " in " arg[3]) labels() "."
	n = split(arg[7], parts, /\. /)
	for (i = 1; i <= n; i++)
		print parts[i] (i < n ? "." : "")
	rows++
}

# --- the table: a row may go over several lines

FNR == NR && /^(SET|METRIC)\(/ { row = "" ; reading = 1 }
FNR == NR && reading {
	row = row $0
	if ($0 !~ /\)$/)
		next
	reading = 0
	kind = row ~ /^SET/ ? "SET" : "METRIC"
	sub(/^[A-Z]+\(/, "", row)
	sub(/\)$/, "", row)
	if (kind == "METRIC") {
		metrics[++count] = row
		next
	}
	n = arguments(row)
	set = arg[1]
	label[set] = arg[2]
	for (i = 3; i <= n; i++)
		if (arg[i] !~ /^VALUES_|^$/)
			values[set] = values[set] (values[set] == "" ? "" : ", ") arg[i]
	next
}
FNR == NR { next }

/^@METRICS@$/ {
	print ".Bl -tag -width Ds"
	for (i = 1; i <= count; i++) {
		arguments(metrics[i])
		tell()
	}
	print ".El"
	if (rows < 30) {
		print "metrics_page.awk: only " rows + 0 " metrics were read" > "/dev/stderr"
		exit 1
	}
	next
}
{ print }
