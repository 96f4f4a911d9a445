-- SPDX-License-Identifier: MIT
-- The same place in the stream is told once.  Its fields have no NUL bytes
-- and are UTF-8: the caller has seen to that.
-- in:  tenant_id store_id platform stream_id topic delivery_id received_at class reason body
-- out:
INSERT INTO dead_letter (tenant_id, store_id, platform, stream_id, topic,
	delivery_id, received_at, class, reason, body)
VALUES ($1::bigint, $2::bigint, $3::smallint, $4::text, $5::text, $6::text,
	$7::timestamptz, $8::text, $9::text, $10::bytea)
    ON CONFLICT (tenant_id, store_id, stream_id) DO NOTHING;
