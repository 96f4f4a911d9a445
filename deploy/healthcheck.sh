#!/bin/bash
# SPDX-License-Identifier: MIT
#
# healthcheck PORT: whether the process of this container answers /readyz with
# 200; what it answers is printed, and so in `docker inspect`.  The image has
# no HTTP client, and needs none.
set -euo pipefail

WAIT_S=3

exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t "$WAIT_S" _ status _ <&3
while read -r -t "$WAIT_S" line <&3 && [ "$line" != $'\r' ]; do
	:
done
cat <&3
[ "$status" = 200 ]
