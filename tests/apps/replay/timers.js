// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Timers and immediates: silent ones, cleared ones, chains, and several requests in one timer list. */
const timers = require('timers/promises');
const { get, serve, sleep, touch, touched } = require('./common');

const routes = {
	'/timeout': (rid, response) => setTimeout(() => touch(rid, 'timeout', () => response.end('timeout')), 7),
	'/silent': async (rid, response) => {
		await sleep(5);
		await sleep(3);
		response.end('silent');
	},
	'/nested': (rid, response) => setTimeout(() => setTimeout(() => touch(rid, 'inner', () => response.end('nested')), 4), 4),
	'/immediates': (rid, response) => setImmediate(() => {
		touch(rid, 'one');
		setImmediate(() => touch(rid, 'two', () => response.end('immediates')));
	}),
	'/promises': async (rid, response) => {
		await timers.setTimeout(4);
		await timers.setImmediate();
		await touched(rid, 'promises');
		response.end('promises');
	},
	'/interval': (rid, response) => {
		let left = 3;
		const interval = setInterval(() => {
			touch(rid, `turn${left}`);
			if (--left) return;
			clearInterval(interval);
			response.end('interval');
		}, 4);
	},
	'/cleared': (rid, response) => {
		const never = setTimeout(() => touch(rid, 'never'), 500);
		setTimeout(() => {
			clearTimeout(never);
			response.end('cleared');
		}, 3);
	},
	'/mixed': (rid, response) => setTimeout(() => {
		setImmediate(() => touch(rid, 'immediate', () => response.end('mixed')));
		process.nextTick(() => touch(rid, 'tick'));
		Promise.resolve().then(() => touch(rid, 'micro'));
	}, 5),
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	let rid = 0;
	const rounds = [['timeout', 'timeout', 'timeout'], ['silent', 'silent'], ['nested', 'immediates'],
		['immediates', 'immediates', 'immediates'], ['promises', 'interval'], ['cleared', 'mixed', 'mixed']];
	for (const names of rounds) await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
