// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* A connection that becomes something else than HTTP, beside ordinary requests. */
const net = require('net');
const { get, request, serve, sleep, touch } = require('./common');

const routes = {
	'/plain': (rid, response) => touch(rid, 'plain', () => response.end('plain')),
};

exports.serve = (port) => {
	serve(port, routes).on('upgrade', (message, socket) => {
		const rid = new URL(message.url, 'http://case').searchParams.get('rid');
		socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
		let n = 0;
		socket.on('data', (part) => touch(rid, `message${n++}`, () => socket.write(part)));
		socket.on('end', () => socket.end());
		socket.on('error', () => {});
	});
};
exports.drive = async (port) => {
	const sockets = [1, 2].map((rid) => {
		const socket = net.connect(port, '127.0.0.1');
		socket.write(request(`/socket?rid=${rid}`, { headers: 'Upgrade: echo\r\nConnection: Upgrade\r\n' }));
		return socket;
	});
	await sleep(50);
	for (const word of ['one', 'two']) {
		for (const socket of sockets) socket.write(word);
		await get(port, `/plain?rid=${word === 'one' ? 3 : 4}`);
		await sleep(20);
	}
	for (const socket of sockets) socket.end();
	await sleep(50);
};
