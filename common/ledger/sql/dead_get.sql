-- SPDX-License-Identifier: MIT
-- Reads one dead letter, with its sealed body.
-- in:  dead_id
-- out: tenant_id dead_id store_id platform stream_id topic delivery_id class reason received_at died_at again_at times replayed_at discarded_at body
SELECT tenant_id, dead_id, store_id, platform, stream_id, topic, delivery_id,
       class, reason, received_at, died_at, again_at, times, replayed_at,
       discarded_at, body
  FROM dead_letter
 WHERE dead_id = $1::bigint;
