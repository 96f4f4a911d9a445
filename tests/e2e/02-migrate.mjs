// SPDX-License-Identifier: MIT
//
// Migrations: twice, from several places at once, and refused when what was
// applied is not what this loyald knows.
import {scenario} from './scenario.mjs';

await scenario(async ({w, equal, check}) => {
	const migrate = (database) => w.run(['migrate'], {env: {
		LOYALD_DATABASE_URL: process.env.LOYALD_DATABASE_URL
			.replace('dbname=loyald', `dbname=${database}`)}});

	equal((await migrate('loyald')).status, 0, 'a second time');
	await w.sql('CREATE DATABASE fresh');
	equal((await Promise.all(Array.from({length: 4},
		() => migrate('fresh')))).map((d) => d.status), [0, 0, 0, 0],
	'four at once on an empty database');

	const applied = (await w.sql('SELECT count(*) FROM migration'))[0][0];

	check(Number(applied) > 0, 'they are written down');
	await w.sql(`CREATE DATABASE drifted TEMPLATE fresh`);
	await w.sql('DROP DATABASE fresh');

	const on = process.env.LOYALD_DATABASE_URL;

	process.env.LOYALD_DATABASE_URL = on.replace('dbname=loyald',
		'dbname=drifted');
	const [[column]] = await w.sql(`SELECT column_name
		FROM information_schema.columns
		WHERE table_name = 'migration' AND data_type = 'bytea'`);

	await w.sql(`UPDATE migration SET ${column} = '\\x00'`);
	process.env.LOYALD_DATABASE_URL = on;
	check((await migrate('drifted')).status !== 0,
		'a migration that was changed after it was applied is refused');

	await w.sql('CREATE DATABASE empty');
	const work = await w.run(['work', '--drain'], {env: {
		LOYALD_DATABASE_URL: on.replace('dbname=loyald',
			'dbname=empty')}});

	check([70, 78].includes(work.status), 'work refuses a database ' +
		`without its tables (${work.status})`);
});
