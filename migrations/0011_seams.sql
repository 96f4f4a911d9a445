-- SPDX-License-Identifier: MIT
--
-- What long timelines came to until an instant, their seam, so that later folds
-- need not read what is before it (common/ledger/timeline/seam.c).  All three
-- columns may be emptied at any time, and a version that does not know them
-- leaves them of no use by writing the row.

ALTER TABLE member_state
	ADD COLUMN seam bytea,		-- what a fold goes on from
	ADD COLUMN since bytea,		-- what the ledger has of the time after it
	ADD COLUMN seam_xact bigint;	-- who wrote both; no longer xmin: of no use
ALTER TABLE member_state
	ALTER COLUMN seam SET STORAGE EXTERNAL,
	ALTER COLUMN since SET STORAGE EXTERNAL;
