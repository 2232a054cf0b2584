// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Many requests on one connection: one after the other, and pipelined, several in one write. */
const http = require('http');
const { get, raw, request, serve, sleep, touch } = require('./common');

const routes = {
	'/fast': (rid, response) => response.end('fast'),
	'/slow': (rid, response) => setTimeout(() => touch(rid, 'slow', () => response.end('slow')), 15),
	'/file': (rid, response) => touch(rid, 'file', () => response.end('file')),
	'/nothing': (rid, response) => touch(rid, 'nothing', () => response.writeHead(204).end()),
	'/echo': (rid, response, message) => {
		let n = 0;
		message.on('data', (part) => { n += part.length; });
		message.on('end', () => touch(rid, 'echo', () => response.end(String(n))));
	},
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	for (const target of ['/file?rid=1', '/fast?rid=2', '/missing?rid=3', '/nothing?rid=4', '/slow?rid=5'])
		await get(port, target, { agent });
	await get(port, '/file?rid=6', { agent, method: 'HEAD' });
	await get(port, '/echo?rid=7', { agent, method: 'POST', body: 'x'.repeat(70) });
	agent.destroy();
	await sleep(20);
	/* Answered in order, though the slow one is ready last. */
	await raw(port, [['/file?rid=11', '/slow?rid=12', '/file?rid=13', '/fast?rid=14', '/nothing?rid=15']
		.map((target) => request(target)).join('')]);
	/* Two in one write, the second one's head cut in the middle. */
	const two = request('/file?rid=21') + request('/file?rid=22');
	await raw(port, [two.slice(0, -20), two.slice(-20)]);
	/* A body between two heads. */
	await raw(port, [request('/echo?rid=31', { method: 'POST', headers: 'Content-Length: 5\r\n' }) + 'hello' + request('/file?rid=32')]);
};
