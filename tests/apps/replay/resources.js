// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * Code that moves contexts by itself: AsyncLocalStorage, which turns async hooks on in older
 * releases, AsyncResource, queueMicrotask, and a batch of callbacks
 * that are all called from the timer of the first request: what they start belongs to that
 * one, unless they are bound or promises.
 */
const { AsyncLocalStorage, AsyncResource } = require('async_hooks');
const { get, serve, sleep, touch, touched } = require('./common');

const storage = new AsyncLocalStorage();
const batch = [];

/* All who wait are called from the timer of the first one. */
function batched(done) {
	batch.push(done);
	if (batch.length === 1)
		setTimeout(() => { for (const call of batch.splice(0)) call(); }, 10);
}

const routes = {
	'/storage': (rid, response) => storage.run(rid, async () => {
		await sleep(3);
		await touched(storage.getStore(), 'stored');
		setTimeout(() => touch(storage.getStore(), 'timer', () => response.end('storage')), 3);
	}),
	'/bound': (rid, response) => batched(AsyncResource.bind(() => touch(rid, 'bound', () => response.end('bound')))),
	'/loose': (rid, response) => batched(() => touch(rid, 'loose', () => response.end('loose'))),
	'/promised': async (rid, response) => {
		await new Promise(batched);
		await touched(rid, 'promised');
		response.end('promised');
	},
	'/microtask': (rid, response) => queueMicrotask(() => touch(rid, 'micro', () =>
		queueMicrotask(() => touch(rid, 'more', () => response.end('microtask'))))),
	'/thenable': async (rid, response) => {
		await { then: (resolve) => touch(rid, 'thenable', resolve) };
		await touched(rid, 'thenabled');
		response.end('thenable');
	},
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	let rid = 0;
	const rounds = [['microtask', 'thenable'], ['promised', 'promised', 'promised'], ['bound', 'bound', 'bound'],
		['loose', 'loose', 'loose'], ['storage', 'storage'], ['microtask', 'thenable']];
	for (const names of rounds) await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
