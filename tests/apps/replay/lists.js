// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Timers of many lists that are due in one phase, in a program that enters AsyncResources: what each of them does shows only
 * two ticks later. What one does that enters another's resource may not be taken for its own. */
const { AsyncResource } = require('async_hooks');
const fs = require('fs');
const { get, serve, touch } = require('./common');

const ticks = (depth, done) => (depth ? process.nextTick(ticks, depth - 1, done) : done());
const waiting = [];

function wait(rid, response, call) {
	const resource = new AsyncResource('Waiter');
	waiting.push(() => resource.runInAsyncScope(() => ticks(2, () => touch(rid, 'entered', () => response.end('entered')))));
	if (waiting.length === 2) call(() => waiting.splice(0).forEach((enter) => enter()));
}

const list = (ms) => (rid, response) =>
	setTimeout(() => ticks(2, () => touch(rid, `list${ms}`, () => response.end('list'))), ms);

const routes = {
	'/list3': list(3),
	'/list4': list(4),
	'/list5': list(5),
	'/list6': list(6),
	'/micro': (rid, response) => setTimeout(() => queueMicrotask(() => ticks(2, () =>
		touch(rid, 'micro', () => response.end('micro')))), 7),
	'/cleared': (rid, response) => {
		const never = setTimeout(() => touch(rid, 'never'), 8);
		setTimeout(() => ticks(2, () => touch(rid, 'cleared', () => response.end('cleared'))), 8);
		setTimeout(() => process.nextTick(() => clearTimeout(never)), 2);
	},
	/* from the callback of something native, where the queue of ticks tells all, and from that of a timer */
	'/native': (rid, response) => wait(rid, response, (done) => fs.stat('/', done)),
	'/timer': (rid, response) => wait(rid, response, (done) => setTimeout(done, 5)),
};

function busy() {
	const end = performance.now() + 20;
	while (performance.now() < end);
}

exports.serve = (port) => {
	setInterval(busy, 25);
	return serve(port, routes);
};
exports.drive = async (port) => {
	let rid = 0;
	const all = (...names) => Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
	await all('native', 'native');
	await all('list3', 'list4', 'list5', 'list6', 'list3', 'list4', 'micro', 'cleared');
	await all('timer', 'timer', 'list5', 'list6');
	await all('cleared', 'micro', 'list6', 'list3');
};
