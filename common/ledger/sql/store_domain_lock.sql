-- SPDX-License-Identifier: MIT
-- Who gives a store this domain waits here for whoever just does the same,
-- and looks at the stores only then.
-- in:  platform domain
-- out: locked
SELECT pg_advisory_xact_lock(hashtextextended('store domain '
       || regexp_replace(lower($2::text), '[.]?(:(80|443))?$', ''),
       $1::bigint))::text AS locked;
