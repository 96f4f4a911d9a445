#!/bin/bash
# SPDX-License-Identifier: MIT
#
# yaml.sh FILE: the file is what our compose file may be: plain YAML without
# tabs, every service with a restart policy and a health check or a reason,
# every ${LOYALD_...} with a default.  With docker at hand, docker itself
# has the last word.
set -euo pipefail

cd "$(dirname "$0")/../.."
bad=0
if grep -nP '\t' "$1"; then
	echo "yaml: $1: a tab, above"
	bad=1
fi
awk -v file="$1" '
	function finish() {
		if (service == "") return
		if (!once && !restart) { print file ": " service ": no restart"; bad = 1 }
		if (!once && !health) { print file ": " service ": no healthcheck"; bad = 1 }
	}
	/^[a-z-]+:/ { finish(); service = ""; section = $1 }
	section == "services:" && /^  [a-z][a-z0-9-]*:/ {
		finish()
		service = $1; sub(/:$/, "", service)
		restart = health = once = 0; n++
	}
	/^    <<: \*loyald$/ { restart = 1 }
	/^    restart: / { restart = 1; if ($2 == "\"no\"") once = 1 }
	/^    healthcheck:/ { health = 1 }
	match($0, /^ */) && RLENGTH % 2 && !/^ *#/ { print file ":" FNR ": odd indent"; bad = 1 }
	END {
		finish()
		if (n < 9) { print file ": " n " services: does it hold them all?"; bad = 1 }
		exit bad
	}' "$1" || bad=1
if command -v docker >/dev/null && docker compose version >/dev/null 2>&1; then
	docker compose -f "$1" config --quiet || bad=1
fi
exit $bad
