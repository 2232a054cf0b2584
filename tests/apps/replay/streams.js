// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Bodies in pieces: chunked, by length, until close, from a file, to a slow reader, and uploads. */
const fs = require('fs');
const net = require('net');
const { get, raw, request, serve, sleep, touch } = require('./common');

const BIG = 4 << 20; // more than the kernel takes at once
const DOCUMENT = '/etc/services';

const routes = {
	'/chunks': (rid, response) => {
		let left = 3;
		const next = () => {
			response.write(`piece ${left}\n`);
			if (--left) setTimeout(() => touch(rid, `chunk${left}`, next), 5);
			else response.end('last\n');
		};
		next();
	},
	'/length': (rid, response) => {
		response.writeHead(200, { 'content-length': 10 });
		response.write('12345');
		touch(rid, 'length', () => response.end('67890'));
	},
	'/file': (rid, response) => touch(rid, 'file', () => fs.createReadStream(DOCUMENT, { end: 9999 }).pipe(response)),
	'/big': (rid, response) => {
		response.writeHead(200, { 'content-length': BIG });
		response.end(Buffer.alloc(BIG, 'x'), () => touch(rid, 'flushed'));
	},
	'/upload': (rid, response, message) => {
		let n = 0;
		message.on('data', (part) => touch(rid, `data${n++}`));
		message.on('end', () => touch(rid, 'end', () => response.end(String(n))));
	},
	'/hints': (rid, response) => {
		response.writeEarlyHints({ link: '</style.css>; rel=preload' });
		touch(rid, 'hints', () => response.end('hints'));
	},
};

/* Does not read for a while. */
function slowly(port, target) {
	return new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1', () => {
			socket.pause();
			socket.write(request(target, { headers: 'Connection: close\r\n' }));
			setTimeout(() => socket.resume(), 60);
		});
		socket.on('data', () => {});
		socket.on('close', resolve);
	});
}

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	await Promise.all([get(port, '/chunks?rid=1'), get(port, '/length?rid=2')]);
	await get(port, '/file?rid=3');
	await slowly(port, '/big?rid=4');
	/* Answers an HTTP/1.0 client without a length: the end is the end of the connection. */
	await raw(port, [request('/chunks?rid=5', { version: '1.0' })]);
	await raw(port, [request('/upload?rid=6', { method: 'POST', headers: 'Transfer-Encoding: chunked\r\n' }),
		'5\r\nhello\r\n', '6\r\n world\r\n', '0\r\n\r\n']);
	await raw(port, [request('/upload?rid=7', { method: 'PUT', headers: 'Content-Length: 4\r\nExpect: 100-continue\r\n' }), 'body']);
	await get(port, '/hints?rid=8');
	await sleep(20);
};
