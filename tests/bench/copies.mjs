// SPDX-License-Identifier: MIT
//
// copies: makes a large database of a small one by SQL.  In the small database
// each store has one member with one order.
//
//	const c = new Copies(database)
//	await c.prepare()        takes what there is as the pattern
//	await c.has_room(n)      says whether the disk has room for n members or
//	                         orders
//	await c.members_to(n)    makes members without orders, until there are n
//	await c.orders_to(n)     makes orders of the members, until there are n
//
// Copies know the schema by the names of columns alone.  A column of CHANGED
// has a value of its own in each copy, and every other column is copied as it
// is.  A new unique column that is not in CHANGED makes the first copy fail.
import {statfsSync} from 'node:fs';
import {sql, sql_close} from './measure.mjs';

const STEP = 100;	// is more than the largest number of the pattern
const ABOVE = '1000000000000000';	// is more than any number of a copy
const CHUNK = 1000000;		// copies that one statement makes
const KEPT = 2 ** 30 * 5;	// bytes of the disk that stay free
// Tables that are empty once all is done.
const LEFT_OUT = ['outbox', 'dead_letter'];

// Give the value of a column in the copy that is of member m and order o.
const number = (by) => (c, type) => `(t.${c}::bigint + ${by})::${type}`;
const hash = (c, type) => type === 'bytea' ? `sha256((t.${c}::text || m)::bytea)` :
	`encode(sha256((t.${c} || m)::bytea), 'hex')`;
const CHANGED = {
	member_id: number(`${STEP} * m`),
	value: number('m'), owner_value: number('m'), customer_id: number('m'),
	order_id: number('o'), source_id: number('o'),
	entry_id: number(`${STEP} * o`), lot_id: number(`${STEP} * o`),
	email: hash,
};
const OF_ORDERS = ['order_id', 'source_id'];

export class Copies {
	constructor(database)
	{
		this.database = database;
		this.members = this.orders = 0;
	}

	ask(query)
	{
		return sql(this.database, query);
	}

	async prepare()
	{
		const columns = await this.ask(`SELECT table_name, column_name,
			data_type FROM information_schema.columns JOIN
			information_schema.tables USING (table_schema, table_name)
			WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
			AND is_generated = 'NEVER' ORDER BY ordinal_position`);

		this.tables = new Map();
		for (const [table, column, type] of columns)
			this.tables.set(table, [...this.tables.get(table) ?? [],
				[column, type]]);
		for (const [table, all] of this.tables)
			if (LEFT_OUT.includes(table) || !all.some(([c]) =>
				c === 'member_id' || OF_ORDERS.includes(c)))
				this.tables.delete(table);
		// Each store has one member, and so one balance.
		this.stores = Number((await this.ask(
			'SELECT count(*) FROM balance'))[0][0]);
		// Without this, foreign keys are looked up for every row.
		await this.ask('SET session_replication_role = replica');
		await this.ask('SET synchronous_commit = off');
		await this.ask(`SELECT setval(s.oid::regclass, ${ABOVE}) FROM pg_class s
			WHERE s.relkind = 'S' AND s.relname ~
			'member_id|entry_id|lot_id'`);
		for (const table of this.tables.keys())
			await this.ask(`CREATE TEMP TABLE "of_${table}" AS
				SELECT * FROM "${table}"`);
	}

	is_of_orders(table)
	{
		return this.tables.get(table).some(([c]) => OF_ORDERS.includes(c));
	}

	// Makes the copies from + 1 to `to` of each row of a table.  m is the
	// member as an SQL expression of the order, o.
	async copy(table, from, to, m)
	{
		const all = this.tables.get(table);
		const names = all.map(([c]) => `"${c}"`).join(', ');
		const values = all.map(([c, type]) =>
			CHANGED[c]?.(c, type) ?? `t."${c}"`).join(', ');

		for (let next = from; next < to; next += CHUNK)
			await this.ask(`INSERT INTO "${table}" (${names}) OVERRIDING
				SYSTEM VALUE SELECT ${values} FROM generate_series(${
				next + 1}::bigint, ${Math.min(to, next + CHUNK)}) o,
				LATERAL (SELECT ${m} AS m) x, "of_${table}" t`);
	}

	async grow(of_orders, from, to, m)
	{
		for (const table of this.tables.keys())
			if (this.is_of_orders(table) === of_orders)
				await this.copy(table, from, to, m);
		await this.ask('VACUUM ANALYZE');
		await this.ask('CHECKPOINT');
	}

	async members_to(n)
	{
		const to = Math.ceil(n / this.stores);

		if (to > this.members)
			await this.grow(false, this.members, to, 'o');
		this.members = Math.max(to, this.members);
	}

	async orders_to(n)
	{
		const to = Math.ceil(n / this.stores);

		await this.grow(true, this.orders, to, `1 + o % ${this.members}`);
		this.orders = to;
	}

	async has_room(n)
	{
		const [[bytes, data]] = await this.ask(`SELECT pg_database_size(
			current_database()), current_setting('data_directory')`);
		const {bavail, bsize} = statfsSync(data);
		const had = this.stores * Math.max(this.orders, this.members);

		// The write-ahead log takes as much as the tables.
		return bavail * bsize - KEPT > (had === 0 ? n * 1000 :
			2 * bytes * (n / had - 1));
	}

	close()
	{
		return sql_close(this.database);
	}
}
