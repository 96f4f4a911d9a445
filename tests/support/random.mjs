// SPDX-License-Identifier: MIT
//
// random: seeded chance, the same on every machine.
//
//	const r = random_new(seed)      seed: a 32-bit number
//	r()                 0 <= x < 1
//	r.int(a, b)         a <= n <= b
//	r.chance(p)         true in p of all cases
//	r.pick(list)        one of them
//	r.weighted({a: 3, b: 1})   "a" three times as often as "b"
//	r.shuffle(list)     a shuffled copy
//	r.hex(n)            n hexadecimal digits
//	r.uuid()
export function random_new(seed)
{
	let a = seed >>> 0;

	// mulberry32
	const r = () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = a;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};

	r.int = (from, to) => from + Math.floor(r() * (to - from + 1));
	r.chance = (p) => r() < p;
	r.pick = (list) => list[Math.floor(r() * list.length)];
	r.weighted = (weights) => {
		let left = r() * Object.values(weights)
			.reduce((sum, w) => sum + w, 0);

		for (const [name, w] of Object.entries(weights)) {
			left -= w;
			if (left < 0)
				return name;
		}
		return Object.keys(weights)[0];
	};
	r.shuffle = (list) => {
		const out = [...list];

		for (let i = out.length - 1; i > 0; i--) {
			const j = r.int(0, i);

			[out[i], out[j]] = [out[j], out[i]];
		}
		return out;
	};
	r.hex = (n) => Array.from({length: n},
		() => r.int(0, 15).toString(16)).join('');
	r.uuid = () => [r.hex(8), r.hex(4), `4${r.hex(3)}`,
		`${r.pick(['8', '9', 'a', 'b'])}${r.hex(3)}`,
		r.hex(12)].join('-');
	return r;
}

// The seed of this run: SEED of the environment or a new one; printed, so
// that a failure can be had again.
export function seed_of_run(name)
{
	const seed = process.env.SEED === undefined ?
		Math.floor(Math.random() * 4294967296) :
		Number(process.env.SEED);

	process.stderr.write(
		`${name}: seed ${seed} (again with SEED=${seed})\n`);
	return seed;
}
