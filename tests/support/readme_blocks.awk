#!/usr/bin/awk -f
# SPDX-License-Identifier: MIT
#
# readme_blocks.awk [-v root=no|-v first=yes] README.md: prints the blocks of
# "Run it", in order and unchanged, for bash.  root=no leaves out the blocks
# that have the comment "<!-- first day: needs root -->" on the line before;
# first=yes leaves out all blocks but the first.

/^## / { on = $0 == "## Run it" }
!on { next }
inside && /^```$/ { inside = 0; if (first) exit; next }
inside { if (!left_out) print; next }
/^```$/ {
	inside = 1
	left_out = root == "no" && marked
	marked = 0
	next
}
{ marked = $0 == "<!-- first day: needs root -->" }
