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

	return {
		same: way((rid, resolve) => setTimeout(() => ticks(2, () => touch(rid, 'same', resolve)), 5)),
		sameOne: way((rid, resolve) => setTimeout(() => ticks(1, () => touch(rid, 'sameOne', resolve)), 5)),
		sameDeep: way((rid, resolve) => setTimeout(() => ticks(4, () => touch(rid, 'sameDeep', resolve)), 5)),
		/* lists of their own, due in one phase */
		lists: way((rid, resolve) => setTimeout(() => ticks(2, () => touch(rid, 'lists', resolve)), 1 + rid % 17)),
		listsDeep: way((rid, resolve) => setTimeout(() => ticks(4, () => touch(rid, 'listsDeep', resolve)), 1 + rid % 17)),
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
