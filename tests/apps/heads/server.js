// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node server.js PORT: answers with heads of every size, in pieces, and with more than a socket holds; asks itself
 * for /plain with a long cookie before the host. At SIGTERM it prints a line of JSON for each request: when it was
 * finished and closed, and the lag of the loop. On stderr it tells of connections. It waits for whoever is slow, until
 * SIGUSR2 makes it impatient.
 */
const http = require('http');

const port = Number(process.argv[2]);
const now = () => Number(process.hrtime.bigint());
const lines = [];
let lag = 0;
let last = now();
/* The longest that nothing had a turn: no less than how far apart two things of one turn can be. */
function measureLag() {
	lag = Math.max(lag, now() - last);
	last = now();
}
setInterval(measureLag, 1).unref();

/* A head of so many bytes, give or take; node writes the length of the body last. */
function long(response, size) {
	for (let i = 0; i * 500 < size; i++) response.setHeader(`x-long-${i}`, 'v'.repeat(480));
}

const ROUTES = {
	plain: (request, response) => response.end('plain'),
	long: (request, response, size) => {
		long(response, size);
		response.end('x'.repeat(3000));
	},
	longchunks: (request, response, size) => {
		long(response, size);
		response.write('one');
		setTimeout(() => response.end('two'), 5);
	},
	empty: (request, response, size) => {
		long(response, size);
		response.end();
	},
	ask: (request, response) => {
		const headers = { cookie: 'c'.repeat(3000), host: 'supplier.case' };
		http.get({ port, host: '127.0.0.1', path: '/plain', headers, agent: false }, (answer) => {
			answer.resume().on('end', () => response.end('asked'));
		});
	},
	huge: (request, response) => response.end(Buffer.alloc(48 << 20, 'x')),
	upload: (request, response) => request.pipe(response),
	early: (request, response) => response.end('early'), /* whatever comes of its body */
	pieces: (request, response, n) => {
		response.writeHead(200, { 'content-length': n });
		response.socket.cork();
		for (let i = 0; i < n; i++) response.write('x');
		response.end();
		response.socket.uncork();
	},
};

const server = http.createServer((request, response) => {
	const words = request.url.split('?')[0].split('/');
	const line = { url: request.url, method: request.method, finish: 0, close: 0, bytes: 0 };
	lines.push(line);
	response.on('finish', () => { line.finish = now(); });
	response.on('close', () => { line.close = now(); });
	ROUTES[words[1]](request, response, Number(words[2]));
});
server.on('connection', (socket) => {
	process.stderr.write('opened\n');
	socket.on('close', () => process.stderr.write('closed\n'));
});
server.connectionsCheckingInterval = 50;
server.timeout = 0;
server.keepAliveTimeout = 60000;
server.listen(port, '127.0.0.1');
process.on('SIGUSR2', () => {
	server.headersTimeout = 300;
	server.requestTimeout = 400;
	process.stderr.write('impatient\n');
});
process.on('SIGTERM', () => {
	measureLag();
	for (const line of lines) process.stdout.write(`${JSON.stringify({ ...line, lag })}\n`);
	process.exit(0);
});
