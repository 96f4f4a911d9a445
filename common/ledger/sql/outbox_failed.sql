-- SPDX-License-Identifier: MIT
-- The platform has not taken these balances: they wait, or are set aside
-- for good.  A newer one that has come in the meantime is left alone.
-- in:  tenant_id store_id member_ids versions rejected wait_ms why
-- out:
UPDATE outbox o
   SET tries = o.tries + 1,
       not_before = now() + failed.wait_ms * interval '1 millisecond',
       rejected_at = CASE WHEN failed.rejected THEN now() END,
       last_error = failed.why
  FROM (SELECT x.tenant_id, x.store_id, x.member_id, d.rejected, d.wait_ms,
               d.why
          FROM outbox x
          JOIN unnest($3::bigint[], $4::bigint[], $5::boolean[],
                      $6::bigint[], $7::text[])
               AS d (member_id, version, rejected, wait_ms, why)
            ON d.member_id = x.member_id AND x.version <= d.version
         WHERE x.tenant_id = $1::bigint AND x.store_id = $2::bigint
         ORDER BY x.member_id
           FOR UPDATE OF x) AS failed
 WHERE o.tenant_id = failed.tenant_id AND o.store_id = failed.store_id
   AND o.member_id = failed.member_id;
