-- SPDX-License-Identifier: MIT
-- Keeps a dead letter, or counts one that is there already once more and opens
-- it again.  The caller has made sure that none of the places is a letter's
-- first (dead_told), and that the fields are UTF-8 without NUL bytes.  Writes
-- nothing if another worker counts one of the places meanwhile.
-- in:  tenant_id store_id platform places topic delivery_id received_at class reason body body_hash places_max
-- out:
INSERT INTO dead_letter AS d (tenant_id, store_id, platform, stream_id, topic,
	delivery_id, received_at, class, reason, body, body_hash, places, times)
VALUES ($1::bigint, $2::bigint, $3::smallint, ($4::text[])[1], $5::text,
	$6::text, $7::timestamptz, $8::text, $9::text, $10::bytea, $11::bytea,
	$4::text[], cardinality($4::text[]))
    ON CONFLICT (tenant_id, store_id, class, topic, body_hash)
	WHERE body_hash IS NOT NULL
    DO UPDATE SET times = d.times + excluded.times,
	places = (excluded.places || d.places)[1:$12::int],
	again_at = excluded.died_at,
	received_at = GREATEST(d.received_at, excluded.received_at),
	delivery_id = excluded.delivery_id,
	reason = excluded.reason,
	replayed_at = NULL,
	discarded_at = NULL
    WHERE NOT d.places && excluded.places;
