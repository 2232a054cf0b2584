// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * Ticks of several requests in one drain of the queue. `silent` ones call nothing that a probe can see: who ran is told by
 * what they leave behind alone. Every one of these is right by AsyncLocalStorage as well.
 */
const { AsyncResource } = require('async_hooks');
const fs = require('fs');
const http = require('http');
const { Readable, Transform } = require('stream');

module.exports = ({ touch, PORT }) => {
	/* So many ticks, one made by the other; only in the last is anything done. */
	const ticks = (depth, done) => (depth ? process.nextTick(ticks, depth - 1, done) : done());
	const waiting = [];
	const native = [];
	let flight;
	let agent;

	/* All that wait are called at once, each in the scope of its own resource. */
	function callAll() {
		for (const call of waiting.splice(0)) call();
	}

	function bound(rid, depth, resolve) {
		const resource = new AsyncResource('Waiter');
		waiting.push(() => resource.runInAsyncScope(() => ticks(depth, () => touch(rid, `bound${depth}`, resolve))));
		if (waiting.length === 1) setTimeout(callAll, 8);
	}

	/* The same, called from the callback of something native. */
	function boundNative(rid, depth, resolve) {
		const resource = new AsyncResource('Waiter');
		native.push(() => resource.runInAsyncScope(() => ticks(depth, () => touch(rid, `boundNative${depth}`, resolve))));
		if (native.length === 1) setTimeout(() => fs.stat('/', () => native.splice(0).forEach((call) => call())), 8);
	}

	async function shared(rid, depth) {
		if (!flight) {
			flight = new Promise((resolve) => fs.stat('/', resolve));
			flight.finally(() => { flight = undefined; });
		}
		await flight;
		await new Promise((resolve) => ticks(depth, () => touch(rid, `shared${depth}`, resolve)));
	}

	function memory(rid, resolve) {
		const stream = new Readable({ read() {} });
		stream.on('data', () => {});
		stream.on('end', () => touch(rid, 'memoryEnd', resolve));
		fs.stat('/', () => {
			stream.push('some');
			stream.push(null);
		});
	}

	function transformed(rid, resolve) {
		const stream = new Transform({ transform: (chunk, encoding, done) => process.nextTick(done, null, chunk) });
		stream.on('data', () => touch(rid, 'transformed'));
		stream.on('end', () => touch(rid, 'transformedEnd', resolve));
		stream.write('one');
		process.nextTick(() => stream.end('two'));
	}

	function agented(rid, resolve) {
		agent = agent || new http.Agent({ keepAlive: true, maxSockets: 2 });
		http.get({ host: '127.0.0.1', port: PORT, path: '/upstream', agent }, (response) => {
			response.resume();
			response.on('end', () => ticks(2, () => touch(rid, 'agentEnd', resolve)));
		});
	}

	return {
		sync: (rid) => new Promise((resolve) => ticks(1, () => touch(rid, 'sync', resolve))),
		syncDeep: (rid) => new Promise((resolve) => ticks(4, () => touch(rid, 'syncDeep', resolve))),
		native: (rid) => new Promise((resolve) => fs.stat('/', () => ticks(1, () => touch(rid, 'native', resolve)))),
		nativeDeep: (rid) => new Promise((resolve) => fs.stat('/', () => ticks(4, () => touch(rid, 'nativeDeep', resolve)))),
		bound1: (rid) => new Promise((resolve) => bound(rid, 1, resolve)),
		bound2: (rid) => new Promise((resolve) => bound(rid, 2, resolve)),
		bound4: (rid) => new Promise((resolve) => bound(rid, 4, resolve)),
		boundNative1: (rid) => new Promise((resolve) => boundNative(rid, 1, resolve)),
		boundNative2: (rid) => new Promise((resolve) => boundNative(rid, 2, resolve)),
		boundNative4: (rid) => new Promise((resolve) => boundNative(rid, 4, resolve)),
		shared1: (rid) => shared(rid, 1),
		shared2: (rid) => shared(rid, 2),
		shared4: (rid) => shared(rid, 4),
		memory: (rid) => new Promise((resolve) => memory(rid, resolve)),
		transformed: (rid) => new Promise((resolve) => transformed(rid, resolve)),
		agented: (rid) => new Promise((resolve) => agented(rid, resolve)),
		microtasks: (rid) => new Promise((resolve) => ticks(1, () => queueMicrotask(() => ticks(2, () =>
			touch(rid, 'micro', resolve))))),
	};
};
