-- SPDX-License-Identifier: MIT
-- Writes where the points of rewards stand, and makes the row of a new one.  What
-- has changed is looked at at once, by push or, without calls, by schedule.
-- in:  tenant_ids store_ids redemptions member_ids rewards version_ids forms units asked_at ends_at stands used_by used_at back back_at states calls
-- out:
INSERT INTO reward AS r (tenant_id, store_id, redemption, reward, version_id,
	form, units, customer_id, asked_at, ends_at, stands, used_by, used_at,
	back, back_at, state, push_at, wake_at)
SELECT t.tenant_id, t.store_id, t.redemption, t.reward, t.version_id, t.form,
       t.units, (SELECT i.value::bigint FROM identity i
                  WHERE i.tenant_id = t.tenant_id AND i.store_id = t.store_id
                    AND i.kind = 1 AND i.member_id = t.member_id
                    AND i.gone_at IS NULL
                  ORDER BY length(i.value), i.value LIMIT 1),
       t.asked_at, t.ends_at, t.stands, nullif(t.used_by, 0), t.used_at, t.back,
       t.back_at, t.state, CASE WHEN t.calls THEN now() END,
       CASE WHEN NOT t.calls THEN now() END
  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[],
	$5::text[], $6::int[], $7::int[], $8::bigint[], $9::timestamptz[],
	$10::timestamptz[], $11::int[], $12::bigint[], $13::timestamptz[],
	$14::int[], $15::timestamptz[], $16::int[], $17::boolean[])
       AS t(tenant_id, store_id, redemption, member_id, reward, version_id,
	form, units, asked_at, ends_at, stands, used_by, used_at, back, back_at,
	state, calls)
ON CONFLICT (tenant_id, store_id, redemption) DO UPDATE
   SET stands = excluded.stands, used_by = excluded.used_by,
       used_at = excluded.used_at, back = excluded.back,
       back_at = excluded.back_at, changes = r.changes + 1,
       push_at = coalesce(excluded.push_at, r.push_at),
       wake_at = coalesce(excluded.wake_at, r.wake_at)
 WHERE (r.stands, r.used_by, r.used_at, r.back, r.back_at) IS DISTINCT FROM
       (excluded.stands, excluded.used_by, excluded.used_at, excluded.back,
	excluded.back_at);
