// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * Timers of several requests that are due at once, in one list and in several, and immediates. What a `silent` one leaves
 * behind is made of ticks and timers alone, which no probe sees being made by whom.
 */
const { AsyncResource } = require('async_hooks');
const { PassThrough } = require('stream');

module.exports = ({ touch }) => {
	const ticks = (depth, done) => (depth ? process.nextTick(ticks, depth - 1, done) : done());
	const immediates = (depth, done) => (depth ? setImmediate(immediates, depth - 1, done) : done());
	const way = (run) => (rid) => new Promise((resolve) => run(rid, resolve));

	function interval(rid, resolve) {
		let left = 3;
		const timer = setInterval(() => {
			const turn = left;
			if (--left === 0) clearInterval(timer);
			ticks(2, () => touch(rid, `interval${turn}`, left ? undefined : resolve));
		}, 5);
	}

	function refreshed(rid, resolve) {
		let left = 3;
		const timer = setTimeout(() => {
			if (--left) {
				timer.refresh();
				return ticks(2, () => touch(rid, `refreshed${left}`));
			}
			return ticks(2, () => touch(rid, 'refreshed0', resolve));
		}, 4);
	}

	function rearmed(rid, left, resolve) {
		setTimeout(() => (left ? rearmed(rid, left - 1, resolve) : ticks(2, () => touch(rid, 'rearmed', resolve))), 5);
	}

	/* One in the list before it is cleared by one that runs before. */
	function cleared(rid, resolve) {
		let never;
		setTimeout(() => {
			clearTimeout(never);
			ticks(2, () => touch(rid, 'cleared', resolve));
		}, 5);
		never = setTimeout(() => ticks(2, () => touch(rid, 'never')), 5);
	}

	function stream(rid, resolve) {
		const through = new PassThrough();
		through.on('data', () => {});
		through.on('end', () => touch(rid, 'streamEnd', resolve));
		setTimeout(() => through.end('all'), 5);
	}

	function bound(rid, resolve) {
		const resource = new AsyncResource('Bound');
		setTimeout(() => resource.runInAsyncScope(() => ticks(2, () => touch(rid, 'boundTimer', resolve))), 5);
	}

	/* The last of its list to be cleared is another's, in whose tick the list goes on with this one. */
	const cleaners = [];
	function clearedFirst(rid, resolve) {
		const ms = 4 + rid % 5;
		const never = setTimeout(() => ticks(2, () => touch(rid, 'never')), ms);
		cleaners.push(() => clearTimeout(never));
		setTimeout(() => ticks(2, () => touch(rid, 'clearedFirst', resolve)), ms);
		setTimeout(() => process.nextTick(() => cleaners.splice(0).forEach((clean) => clean())), 3);
	}

	/* Resources of several requests are entered by one timer; what they leave behind is an immediate. */
	const waiting = [];
	function boundSilent(rid, resolve) {
		const resource = new AsyncResource('Bound');
		waiting.push(() => resource.runInAsyncScope(() => ticks(2, () => setImmediate(() =>
			touch(rid, 'boundSilent', resolve)))));
		if (waiting.length === 1) setTimeout(() => waiting.splice(0).forEach((call) => call()), 9);
	}

	return {
		same: way((rid, resolve) => setTimeout(() => ticks(2, () => touch(rid, 'same', resolve)), 5)),
		sameOne: way((rid, resolve) => setTimeout(() => ticks(1, () => touch(rid, 'sameOne', resolve)), 5)),
		sameDeep: way((rid, resolve) => setTimeout(() => ticks(4, () => touch(rid, 'sameDeep', resolve)), 5)),
		/* lists of their own, due in one phase */
		lists: way((rid, resolve) => setTimeout(() => ticks(2, () => touch(rid, 'lists', resolve)), 1 + rid % 17)),
		listsDeep: way((rid, resolve) => setTimeout(() => ticks(4, () => touch(rid, 'listsDeep', resolve)), 1 + rid % 17)),
		listsMicro: way((rid, resolve) => setTimeout(() => queueMicrotask(() => ticks(2, () =>
			touch(rid, 'listsMicro', resolve))), 1 + rid % 17)),
		listsThen: way((rid, resolve) => setTimeout(() => ticks(2, () => Promise.resolve().then(() => ticks(2, () =>
			touch(rid, 'listsThen', resolve)))), 1 + rid % 17)),
		clearedFirst: way(clearedFirst),
		boundSilent: way(boundSilent),
		zero: way((rid, resolve) => setTimeout(() => setImmediate(() => ticks(2, () => touch(rid, 'zero', resolve))), 0)),
		unref: way((rid, resolve) => setTimeout(() => ticks(2, () => touch(rid, 'unref', resolve)), 5).unref()),
		immediates: way((rid, resolve) => immediates(3, () => touch(rid, 'immediates', resolve))),
		immediateTicks: way((rid, resolve) => setImmediate(() => ticks(3, () => touch(rid, 'immediateTicks', resolve)))),
		mixed: way((rid, resolve) => setTimeout(() => ticks(1, () => setImmediate(() => ticks(1, () =>
			setTimeout(() => ticks(2, () => touch(rid, 'mixed', resolve)), 2)))), 3)),
		interval: way(interval),
		refreshed: way(refreshed),
		rearmed: way((rid, resolve) => rearmed(rid, 3, resolve)),
		cleared: way(cleared),
		stream: way(stream),
		boundTimer: way(bound),
	};
};
