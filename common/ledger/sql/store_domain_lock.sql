-- SPDX-License-Identifier: MIT
-- Locks a domain for a process that gives it to a store: a second process that
-- does so waits here, and looks at the stores only then.
-- in:  platform domain
-- out: locked
SELECT pg_advisory_xact_lock(hashtextextended('store domain '
       || regexp_replace(lower($2::text), '[.]?(:(80|443))?$', ''),
       $1::bigint))::text AS locked;
