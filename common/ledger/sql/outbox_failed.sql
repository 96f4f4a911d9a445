-- SPDX-License-Identifier: MIT
-- Has balances wait that the platform has not taken, or sets them aside for
-- good; leaves a newer balance that has come in the meantime.  Takes whole
-- keys, in ascending order.
-- in:  tenant_ids store_ids member_ids versions rejected wait_ms why
-- out:
UPDATE outbox o
   SET tries = o.tries + 1,
       not_before = now() + d.wait_ms * interval '1 millisecond',
       rejected_at = CASE WHEN d.rejected THEN now() END,
       last_error = d.why
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
              $5::boolean[], $6::bigint[], $7::text[])
       AS d (tenant_id, store_id, member_id, version, rejected, wait_ms, why)
 WHERE o.tenant_id = d.tenant_id AND o.store_id = d.store_id
   AND o.member_id = d.member_id AND o.version <= d.version;
