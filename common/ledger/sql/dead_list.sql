-- SPDX-License-Identifier: MIT
-- Lists dead letters, newest first: those that wait for an operator, or all.
-- in:  store_id all max before class
-- out: tenant_id dead_id store_id platform stream_id topic delivery_id class reason received_at died_at again_at times replayed_at discarded_at
SELECT tenant_id, dead_id, store_id, platform, stream_id, topic, delivery_id,
       class, reason, received_at, died_at, again_at, times, replayed_at,
       discarded_at
  FROM dead_letter
 WHERE ($1::bigint = 0 OR store_id = $1::bigint)
   AND ($2::boolean OR (replayed_at IS NULL AND discarded_at IS NULL))
   AND ($4::bigint = 0 OR dead_id < $4::bigint)
   AND ($5::text IS NULL OR class = $5::text)
 ORDER BY dead_id DESC
 LIMIT $3::bigint;
