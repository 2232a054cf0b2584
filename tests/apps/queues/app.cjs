// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node app.cjs PORT: what node runs from queues of its own, ticks.cjs and timers.cjs, one way a route. The loop is kept busy
 * now and then, so that timers of many requests are due in one phase. After each way the code touches a path that names
 * the request and the way.
 */
const fs = require('fs');
const http = require('http');

const PORT = require.main === module && Number(process.argv[2]);
const BUSY_EVERY_MS = 20;
const BUSY_MS = 12;
const touch = (rid, tag, done = () => {}) => fs.access(`/nowhere/rid-${rid}.${tag}`, () => done());
const tools = { touch, PORT };
const ways = { ...require('./ticks.cjs')(tools), ...require('./timers.cjs')(tools) };

exports.names = Object.keys(ways);

function busy() {
	const end = performance.now() + BUSY_MS;
	while (performance.now() < end);
}

if (PORT) {
	setInterval(busy, BUSY_EVERY_MS);
	const server = http.createServer((request, response) => {
		const url = new URL(request.url, 'http://queues');
		const way = ways[url.pathname.slice(1)];
		if (!way) return response.end('plain');
		return way(Number(url.searchParams.get('rid'))).then(() => response.end('done'));
	});
	server.keepAliveTimeout = 60000;
	server.listen(PORT, '127.0.0.1');
}
