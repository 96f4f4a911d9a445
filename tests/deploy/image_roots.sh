#!/bin/bash
# SPDX-License-Identifier: MIT
#
# image_roots.sh: builds the image of deploy/Dockerfile in bare roots, where
# there is no docker, and runs every process of docker-compose.yml in it
# (image_roots.mjs).  Minutes; as root, on a Linux that lets root make
# namespaces.  Where it cannot run it says so, and ends with 77.  KEEP=1
# leaves the roots.
set -euo pipefail

cd "$(dirname "$0")/../.."
SKIPPED=77

skip()
{
	echo "image-roots: skipped: $*" >&2
	exit "$SKIPPED"
}

[ "$(id -u)" = 0 ] || skip "needs root, for roots and namespaces"
unshare --net --mount --pid --fork true 2>/dev/null ||
	skip "this machine lets nobody make namespaces"
tests/support/packages.sh test root
tests/deploy/setup.sh
dir=$(mktemp -d /var/tmp/loyald-image.XXXXXX)
[ -n "${KEEP-}" ] || trap 'rm -rf --one-file-system "$dir"' EXIT
chmod 755 "$dir"
log=$dir/log
status=0
{
	node --no-warnings tests/deploy/image_roots.mjs build "$dir" &&
	unshare --net bash -c 'ip link set lo up && exec "$@"' image-roots \
	    tests/support/services.sh run --no-migrate \
	    node --no-warnings tests/deploy/image_roots.mjs run "$dir"
} 2>&1 | tee "$log" || status=$?
passed=$(grep -c '^ok ' "$log" || :)
failed=$(grep -c '^not ok ' "$log" || :)
if [ "$status" = 0 ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]; then
	echo "PASS image-roots roots $passed"
	exit
fi
[ "$failed" -gt 0 ] || failed=1
echo "FAIL image-roots roots $failed (exit status $status)"
exit 1
