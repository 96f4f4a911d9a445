#!/bin/bash
# SPDX-License-Identifier: MIT
#
# healthcheck PORT: whether the process of this container answers /healthz.
# The image has no HTTP client, and needs none.
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 3 _ status _ <&3
[ "$status" = 200 ]
