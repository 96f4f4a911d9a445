-- SPDX-License-Identifier: MIT
--
-- The balance of points is the member: work writes no row of the table member
-- any more, which two indexes and the statement that made it cost.  The
-- rows that are there say since when those members are known, and stay.
--
-- The version before goes on, but for what joins the table: its serve and its
-- tools do not know a member that a work of this version has made.

-- Since when the member is known; NULL: the table member says that.
ALTER TABLE balance
	ADD COLUMN created_at timestamptz,
	ALTER COLUMN created_at SET DEFAULT now();
