# SPDX-License-Identifier: Apache-2.0
# Each line of SQL becomes a string literal of its own: a literal of a whole file would be longer than C promises.
s/\\/\\\\/g
s/"/\\"/g
s/^/	"/
s/$/\\n",/
