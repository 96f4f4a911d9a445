-- SPDX-License-Identifier: MIT
--
-- Indexes to find members that were folded by a clock that was ahead, which
-- schedule sets right when the clock is.  Apart from 0003, since the tables may be large.

CREATE INDEX member_folded ON member_state (folded_at) WHERE folded_at IS NOT NULL;
CREATE INDEX entry_vested ON entry (event_at) WHERE source = 2;
