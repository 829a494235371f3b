# SPDX-License-Identifier: Apache-2.0
# Makes the list of settings of rtalpd.conf(5) of etc/rtalpd.conf, which a test holds to be what `rtalpd --print-config` prints.

# Text as mdoc wants it: each sentence on a line of its own, nothing that begins like a macro.
function say(text,    end) {
	gsub(/\\/, "\\e", text)
	while (match(text, /[.!?][)"'\]]* +[-A-Z0-9]/)) {
		end = RSTART + RLENGTH - 1
		print_line(substr(text, 1, end - 1))
		text = substr(text, end)
	}
	print_line(text)
}
function print_line(line) {
	sub(/ +$/, "", line)
	if (line ~ /^[.']/)
		line = "\\&" line
	if (line != "")
		print line
}
function add(text) {
	help = help (help == "" ? "" : " ") text
}

FNR == NR { settings[FNR] = $0; count = FNR; next }
!/^@SETTINGS@$/ { print; next }
{
	for (i = 1; i <= count; i++) {
		line = settings[i]
		if (line ~ /^\t?# /) {
			sub(/^\t?# /, "", line)
			add(line)
		} else if (line ~ /^[a-z_]+:$/) {
			sub(/:$/, "", line)
			print ".Ss The group " line
			say(help)
			print ".Bl -tag -width Ds"
			help = ""
			groups++
		} else if (line ~ /^\t#[a-z0-9_]+ = /) {
			name = value = line
			sub(/^\t#/, "", name)
			sub(/ = .*/, "", name)
			sub(/^[^=]*= /, "", value)
			sub(/;$/, "", value)
			print ".It Ic " name
			# Some go on in the next setting.
			sub(/, Needs a restart\.$/, ". Needs a restart.", help)
			say(help)
			say("Default: " (value == "[ ]" || value == "\"\"" ? "none" : value) ".")
			help = ""
			rows++
		} else if (line == "};") {
			print ".El"
		} else if (line == "" || line == "#") {
			help = ""
		}
	}
	if (groups < 5 || rows < 50) {
		print "settings_page.awk: only " rows + 0 " settings were read" > "/dev/stderr"
		exit 1
	}
}
