// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* HTTP/1 over TLS: short and long responses, none, a reader that is slow, one that goes away. */
const https = require('https');
const tls = require('tls');
const certificate = require('./certificate');
const { request, sleep, touch } = require('./common');

const LARGE = Buffer.alloc(3 << 20, 'x');
const routes = {
	'/plain': (rid, response) => touch(rid, 'plain', () => response.end('plain')),
	'/empty': (rid, response) => touch(rid, 'empty', () => {
		response.writeHead(404);
		response.end();
	}),
	'/large': (rid, response) => touch(rid, 'large', () => response.end(LARGE)),
};

exports.serve = (port) => {
	https.createServer(certificate(), (message, response) => {
		const url = new URL(message.url, 'http://case');
		routes[url.pathname](url.searchParams.get('rid'), response);
	}).listen(port, '127.0.0.1');
};

/* Reads nothing for `pause` ms; then all, or nothing more. */
async function send(port, targets, pause = 0, leave = false) {
	const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
	let bytes = 0;
	socket.on('error', () => {});
	await new Promise((resolve) => socket.once('secureConnect', resolve));
	for (const target of targets) {
		socket.write(request(target));
		socket.pause();
		await sleep(pause);
		if (leave) break;
		socket.on('data', (part) => { bytes += part.length; }).resume();
		await sleep(target.startsWith('/large') ? 200 : 30);
	}
	socket.destroy();
	return bytes;
}

exports.drive = async (port) => {
	await send(port, ['/plain?rid=1', '/empty?rid=2', '/plain?rid=3']);
	await send(port, ['/large?rid=4', '/plain?rid=5']);
	await send(port, ['/large?rid=6'], 100);
	await send(port, ['/large?rid=7'], 60, true);
	await sleep(50);
};
