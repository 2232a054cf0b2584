// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Connections that end too early: before the answer, within it, before the headers are complete; on either side. */
const { get, raw, request, serve, sleep, touch } = require('./common');

const routes = {
	'/slow': (rid, response) => setTimeout(() => touch(rid, 'slow', () => response.end('slow')), 60),
	'/drip': (rid, response) => {
		response.write('first ');
		const drip = setInterval(() => touch(rid, 'drip', () => response.write('more ')), 10);
		response.on('close', () => {
			clearInterval(drip);
			touch(rid, 'closed');
		});
	},
	'/hangup': (rid, response) => touch(rid, 'before', () => response.destroy()),
	'/torn': (rid, response) => {
		response.writeHead(200, { 'content-length': 100 });
		response.write('only this');
		setTimeout(() => response.destroy(), 10);
	},
	'/fine': (rid, response) => touch(rid, 'fine', () => response.end('fine')),
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	await raw(port, [request('/slow?rid=1')], { destroy: true });
	await sleep(100);
	await raw(port, [request('/drip?rid=2')], { pause: 45, destroy: true });
	await sleep(50);
	await raw(port, ['GET /never?rid=3 HTTP/1.1\r\nHost: ca'], { destroy: true });
	await raw(port, ['this is no HTTP\r\n\r\n']);
	await get(port, '/hangup?rid=4').catch(() => {});
	await get(port, '/torn?rid=5').catch(() => {});
	await get(port, '/fine?rid=6');
	/* The first of two pipelined requests never gets its answer, nor does the second. */
	await raw(port, [request('/slow?rid=7') + request('/fine?rid=8')], { destroy: true });
	await sleep(100);
};
