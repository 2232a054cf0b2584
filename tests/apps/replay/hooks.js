// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * async_hooks are on in the target: promises have async ids, and code in a microtask runs under that
 * of its promise. Its trigger is the promise waited for, which another request may have made.
 */
const { createHook } = require('async_hooks');
const { get, serve, sleep, touched } = require('./common');

const flights = new Map();

/* Whoever comes while it is under way waits for the same promise. */
function flight(key) {
	if (!flights.has(key))
		flights.set(key, sleep(5).finally(() => flights.delete(key)));
	return flights.get(key);
}

const routes = {
	'/flight': async (rid, response) => {
		await flight('one');
		await touched(rid, 'landed');
		await sleep(2);
		await touched(rid, 'slept');
		response.end('flight');
	},
	'/then': (rid, response) => flight('one').then(() => touched(rid, 'then')).then(() => response.end('then')),
	'/immediate': async (rid, response) => {
		await sleep(3);
		await new Promise((resolve) => setImmediate(resolve));
		await touched(rid, 'immediate');
		response.end('immediate');
	},
};

exports.serve = (port) => {
	createHook({ init() {} }).enable();
	serve(port, routes);
};
exports.drive = async (port) => {
	let rid = 0;
	const rounds = [['flight', 'flight', 'then'], ['immediate', 'immediate', 'flight'], ['then', 'flight', 'immediate', 'flight']];
	for (const names of rounds) await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
