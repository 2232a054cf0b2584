// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* The tracer comes while requests are under way: in a timer, in an await, within a response, on idle connections. */
const http = require('http');
const { get, serve, sleep, touch, touched } = require('./common');

const held = [];
let letGo = false;
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
let underWay;

const routes = {
	'/held': (rid, response) => held.push(() => touch(rid, 'held', () => response.end('held'))),
	'/awaited': async (rid, response) => {
		await new Promise((resolve) => held.push(resolve));
		await touched(rid, 'awaited');
		response.end('awaited');
	},
	'/half': (rid, response) => {
		response.write('first half ');
		held.push(() => touch(rid, 'half', () => response.end('second half')));
	},
	'/release': (rid, response) => {
		letGo = true;
		touch(rid, 'release', () => response.end('release'));
	},
	'/plain': (rid, response) => touch(rid, 'plain', () => response.end('plain')),
};

exports.serve = (port) => {
	/* Of no request, and older than the tracer. */
	setInterval(() => {
		if (letGo) for (const release of held.splice(0)) release();
	}, 10);
	serve(port, routes);
};
exports.before = async (port) => {
	underWay = [1, 2, 3].map((rid, i) => get(port, `/${['held', 'awaited', 'half'][i]}?rid=${rid}`, { agent }));
	await get(port, '/plain?rid=4', { agent }); // leaves an idle connection behind
	await sleep(50);
};
exports.drive = async (port) => {
	await get(port, '/release?rid=11');
	await Promise.all(underWay);
	/* Connections and parsers that are older than the tracer. */
	for (const rid of [12, 13]) await get(port, `/plain?rid=${rid}`, { agent });
	await Promise.all([14, 15, 16, 17].map((rid) => get(port, `/plain?rid=${rid}`, { agent })));
	await get(port, '/plain?rid=18');
};
