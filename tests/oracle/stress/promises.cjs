// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Ways of going on that are made of promises and microtasks. */
const { EventEmitter, on, once } = require('events');
const timers = require('timers/promises');
const { promisify, callbackify } = require('util');

module.exports = ({ touch, touched, sleep, PORT }) => {
	const failing = (ms) => new Promise((resolve, reject) => setTimeout(reject, ms, new Error('on purpose')));
	let flight;

	async function depth(rid, n) {
		if (n) await depth(rid, n - 1);
		else await sleep(1);
		await touched(rid, `depth${n}`);
	}

	async function* numbers(rid, n) {
		try {
			for (let i = 0; i < n; i++) {
				await touched(rid, `number${i}`);
				yield i;
			}
		} finally {
			await touched(rid, 'return');
		}
	}

	async function* twice(rid, source) {
		for await (const value of source) {
			yield value;
			yield* numbers(`${rid}`, 1);
		}
	}

	class Sub extends Promise {}

	class Thenable {
		constructor(rid) {
			this.rid = rid;
		}

		then(resolve) {
			touch(this.rid, 'thenable', () => resolve(this.rid));
		}
	}

	return {
		async awaits(rid) {
			for (let i = 0; i < 5; i++) {
				await null;
				await touched(rid, `await${i}`);
			}
		},
		deep: (rid) => depth(rid, 8),
		then: (rid) => sleep(1).then(() => touched(rid, 'then')).then(() => failing(1)).catch(() => touched(rid, 'catch'))
			.finally(() => touched(rid, 'finally')).then(() => touched(rid, 'end'), () => touched(rid, 'never')),
		async combinators(rid) {
			await Promise.all([sleep(2), touched(rid, 'all1'), Promise.resolve()]);
			touch(rid, 'all');
			await Promise.race([sleep(1), sleep(9)]);
			touch(rid, 'race');
			await Promise.any([failing(1), sleep(2)]);
			touch(rid, 'any');
			await Promise.allSettled([failing(1), touched(rid, 'settled1')]);
			await touched(rid, 'settled');
		},
		async generator(rid) {
			for await (const value of numbers(rid, 3)) touch(rid, `for${value}`);
			for await (const value of numbers(rid, 9)) if (value === 1) break;
			for await (const value of twice(rid, numbers(rid, 2))) await touched(rid, `twice${value}`);
		},
		async manual(rid) {
			const steps = numbers(rid, 5);
			const [a, b] = await Promise.all([steps.next(), steps.next()]);
			await touched(rid, `manual${a.value}${b.value}`);
			await steps.return();
			await touched(rid, 'returned');
		},
		async iterator(rid) {
			const iterable = { [Symbol.asyncIterator]: () => {
				let n = 0;
				return { next: () => sleep(1).then(() => touched(rid, `next${n}`)).then(() => ({ done: n++ === 2, value: n })) };
			} };
			for await (const value of iterable) await touched(rid, `iterated${value}`);
			for await (const value of [sleep(1), touched(rid, 'element'), 3]) touch(rid, `mixed${typeof value}`);
		},
		async thenable(rid) {
			await new Thenable(rid);
			await touched(rid, 'thenabled');
			await Promise.resolve(new Thenable(rid)).then(() => touched(rid, 'assimilated'));
			await sleep(1).then(() => new Thenable(rid));
			await touched(rid, 'adopted');
		},
		async subclass(rid) {
			await new Sub((resolve) => setTimeout(resolve, 1));
			await touched(rid, 'sub');
			await Sub.all([new Sub((resolve) => setImmediate(resolve)), touched(rid, 'subAll')]);
			await touched(rid, 'subEnd');
		},
		microtask: (rid) => new Promise((resolve) => queueMicrotask(() => {
			touch(rid, 'micro1');
			queueMicrotask(() => process.nextTick(() => {
				touch(rid, 'tick');
				Promise.resolve().then(() => queueMicrotask(() => touch(rid, 'micro2', resolve)));
			}));
		})),
		async promisified(rid) {
			await promisify(setTimeout)(1);
			await touched(rid, 'timeout');
			await promisify(setImmediate)();
			await touched(rid, 'immediate');
			await promisify((tag, done) => touch(rid, tag, done))('own');
			await new Promise((resolve) => callbackify((tag) => touched(rid, tag))('callbackified', resolve));
			await touched(rid, 'promisified');
		},
		async timersPromises(rid) {
			await timers.setTimeout(1);
			await touched(rid, 'sleep');
			await timers.setImmediate();
			await touched(rid, 'immediately');
			let n = 0;
			for await (const _ of timers.setInterval(1)) {
				await touched(rid, `interval${n}`);
				if (++n === 3) break;
			}
		},
		async events(rid) {
			const emitter = new EventEmitter();
			setTimeout(() => emitter.emit('go', 1), 1);
			await once(emitter, 'go');
			await touched(rid, 'once');
			const abort = new AbortController();
			const timer = setInterval(() => emitter.emit('tick'), 1);
			let n = 0;
			try {
				for await (const _ of on(emitter, 'tick', { signal: abort.signal })) {
					await touched(rid, `on${n}`);
					if (++n === 3) abort.abort();
				}
			} catch {
				await touched(rid, 'aborted');
			}
			clearInterval(timer);
		},
		/* One promise that several wait for; each goes on as itself. */
		async shared(rid) {
			flight = flight || sleep(3).finally(() => { flight = undefined; });
			await flight;
			await touched(rid, 'shared');
			const mine = flight || sleep(1);
			mine.then(() => touch(rid, 'sharedThen'));
			await mine;
			await touched(rid, 'sharedEnd');
		},
		unhandled: (rid) => new Promise((resolve) => {
			Promise.reject(Object.assign(new Error('on purpose'), { whose: () => touch(rid, 'unhandled', resolve) }));
		}),
		async late(rid) {
			const promise = Promise.reject(new Error('on purpose'));
			promise.catch(() => {});
			await sleep(1);
			await promise.catch(() => touched(rid, 'lateCatch'));
			let release;
			const gate = new Promise((resolve) => { release = resolve; });
			const waiting = gate.then(() => touched(rid, 'gate'));
			setImmediate(release);
			await waiting;
			await touched(rid, 'gated');
		},
		/* Errors thrown through awaits, with finally on the way. */
		async thrown(rid) {
			async function inner() {
				try {
					await sleep(1);
					throw new Error('on purpose');
				} finally {
					await touched(rid, 'inner');
				}
			}
			try {
				await inner();
			} catch {
				await touched(rid, 'thrown');
			}
		},
		async fetched(rid) {
			if (typeof fetch !== 'function') return;
			const response = await fetch(`http://127.0.0.1:${PORT}/plain?of=${rid}`);
			await touched(rid, 'head');
			await response.text();
			await touched(rid, 'text');
		},
	};
};
