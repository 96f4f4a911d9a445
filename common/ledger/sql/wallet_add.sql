-- SPDX-License-Identifier: MIT
-- Gives numbers to wallets that have none yet, in the order given.
-- in:  tenant_id ids units exponents
-- out:
INSERT INTO wallet (tenant_id, wallet, id, unit, exponent)
SELECT $1::bigint,
       (SELECT coalesce(max(w.wallet), 0) FROM wallet w
         WHERE w.tenant_id = $1::bigint)
       + row_number() OVER (ORDER BY t.i), t.id, t.unit, t.exponent
  FROM unnest($2::text[], $3::int[], $4::int[])
       WITH ORDINALITY AS t(id, unit, exponent, i)
 WHERE NOT EXISTS (SELECT FROM wallet w
	WHERE w.tenant_id = $1::bigint AND w.id = t.id);
