-- SPDX-License-Identifier: MIT
-- A process that gives a store this domain waits here for one that just does,
-- and looks at the stores only then.
-- in:  platform domain
-- out: locked
SELECT pg_advisory_xact_lock(hashtextextended('store domain '
       || regexp_replace(lower($2::text), '[.]?(:(80|443))?$', ''),
       $1::bigint))::text AS locked;
