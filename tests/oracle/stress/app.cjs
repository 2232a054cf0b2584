// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node app.cjs PORT: every way that node has of going on later, one a route. After each step the code touches a path that
 * names its request. Here AsyncLocalStorage is right as well: nothing runs in the name of another.
 */
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');

const PORT = require.main === module && Number(process.argv[2]);
const DATA = path.join(os.tmpdir(), 'ntrace-stress');
const probe = (rid, tag) => path.join(DATA, `rid-${rid}.${tag}`);
const touch = (rid, tag, done = () => {}) => fs.stat(probe(rid, tag), () => done());
const touched = (rid, tag) => fs.promises.stat(probe(rid, tag)).catch(() => null);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tools = { touch, touched, sleep, PORT };
const ways = { ...require('./promises.cjs')(tools), ...require('./callbacks.cjs')(tools) };

/* The request and the response themselves. */
Object.assign(ways, {
	body: (rid, request) => new Promise((resolve) => {
		let n = 0;
		request.on('data', () => touch(rid, `body${n++}`));
		request.on('end', () => touch(rid, 'bodyEnd', resolve));
	}),
	async duplex(rid, request, response) {
		for await (const chunk of request) {
			await touched(rid, 'in');
			response.write(chunk);
		}
		await touched(rid, 'out');
	},
	writes: (rid, request, response) => new Promise((resolve) => {
		response.write('w'.repeat(70000), () => touch(rid, 'flushed', () => {
			response.once('finish', () => touch(rid, 'finish'));
			response.once('close', () => touch(rid, 'close'));
			resolve();
		}));
	}),
});

exports.names = Object.keys(ways);

if (PORT) {
	for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, (error) => error.whose());
	const server = http.createServer((request, response) => {
		const url = new URL(request.url, 'http://stress');
		const way = ways[url.pathname.slice(1)];
		if (!way) return response.end('plain');
		const rid = url.searchParams.get('rid');
		return Promise.resolve(way(rid, request, response)).then(() => response.end('done'));
	});
	server.keepAliveTimeout = 60000;
	server.listen(PORT, '127.0.0.1');
}
