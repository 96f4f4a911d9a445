-- SPDX-License-Identifier: MIT
-- Finds the messages whose place in the streams is counted already: as the
-- first of a letter, whatever the letter says, or with others of the same
-- letter.
-- in:  tenant_ids store_ids classes topics body_hashes places
-- out: n
WITH told AS (
	SELECT *
	  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[],
		$5::bytea[], $6::text[]) WITH ORDINALITY
		AS t(tenant_id, store_id, class, topic, body_hash, place, n)
)
SELECT t.n
  FROM told t
  JOIN dead_letter d ON d.tenant_id = t.tenant_id AND d.store_id = t.store_id
   AND d.stream_id = t.place
 UNION ALL
SELECT t.n
  FROM told t
  JOIN dead_letter d ON d.tenant_id = t.tenant_id AND d.store_id = t.store_id
   AND d.class = t.class AND d.topic = t.topic AND d.body_hash = t.body_hash
 WHERE t.place = ANY (d.places);
