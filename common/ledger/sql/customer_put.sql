-- SPDX-License-Identifier: MIT
-- Writes what is known of customers by the newest delivery.  Only real changes
-- are written, so that an echo of our own push changes nothing.
-- in:  tenant_ids store_ids kinds values emails verified modified_at gone_at
-- out:
UPDATE identity c
   SET email = CASE WHEN t.gone_at IS NULL THEN t.email ELSE c.email END,
       email_verified = CASE WHEN t.gone_at IS NULL THEN t.verified ELSE c.email_verified END,
       modified_at = greatest(c.modified_at, t.modified_at),
       gone_at = coalesce(c.gone_at, t.gone_at)
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[],
	$5::text[], $6::boolean[], $7::timestamptz[], $8::timestamptz[])
       AS t(tenant_id, store_id, kind, value, email, verified, modified_at, gone_at)
 WHERE c.tenant_id = t.tenant_id AND c.store_id = t.store_id
   AND c.kind = t.kind AND c.value = t.value
   AND (t.gone_at IS NOT NULL AND c.gone_at IS NULL
     OR t.gone_at IS NULL
	AND (c.modified_at IS NULL OR t.modified_at >= c.modified_at)
	AND (c.email IS DISTINCT FROM t.email
	  OR c.email_verified <> t.verified));
