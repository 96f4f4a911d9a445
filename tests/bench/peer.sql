-- SPDX-License-Identifier: MIT
--
-- Nothing: peer.sh migrates the empty database the harness has made.
SELECT 1;
