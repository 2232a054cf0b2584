// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node server.js PROTOCOL ADDRESS TRUTH: a server that knows the truth about its requests. PROTOCOL is http,
 * https, h2, h2c; ADDRESS a port or the path of a socket. At SIGTERM it writes to TRUTH a line for each request,
 * with the times of its handler, of the call of end(), of 'finish' and 'close', and ends.
 */
const fs = require('fs');
const certificate = require('../replay/certificate');
const routes = require('./routes');

const [, , protocol, address, file] = process.argv;
const now = () => Number(process.hrtime.bigint());
const truth = [];
let lag = 0;
let last = now();
/* The longest that nothing had a turn: no less than how far apart two things of one turn can be. */
function measureLag() {
	lag = Math.max(lag, now() - last);
	last = now();
}
setInterval(measureLag, 1).unref();

function note(method, target, version, response) {
	const line = { version, rid: Number(new URL(target, 'http://case').searchParams.get('rid')), method, url: target, begin: now(), finish: 0, close: 0 };
	truth.push(line);
	if (response) {
		response.on('finish', () => { line.finish = now(); });
		response.on('close', () => { line.close = now(); });
	}
	return line;
}

function handle(request, response) {
	const url = new URL(request.url, 'http://case');
	const line = note(request.method, request.url, request.httpVersion, response);
	const end = response.end;
	response.end = function (...words) {
		line.end = now();
		return end.apply(this, words);
	};
	response.on('error', () => {});
	request.on('error', () => {});
	(routes[url.pathname] || routes['/plain'])(line.rid, request, response);
}

/* The interface of streams. */
function handleStream(stream, headers) {
	const path = headers[':path'];
	const line = note(headers[':method'], path, '2.0', stream);
	stream.on('error', () => {});
	routes.touch(line.rid, 'stream', () => {
		line.end = now();
		if (stream.destroyed) return;
		if (path.startsWith('/bare')) stream.respond({ ':status': 204 }, { endStream: true });
		else if (path.startsWith('/fd')) stream.respondWithFile(process.execPath, { ':status': 206 }, { offset: 0, length: 200000 });
		else if (path.startsWith('/hints')) {
			stream.additionalHeaders({ ':status': 103 });
			stream.respond({ ':status': 200 });
			stream.end('hints');
		} else if (path.startsWith('/trailed')) {
			stream.respond({ ':status': 200 }, { waitForTrailers: true });
			stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }));
			stream.end('trailed');
		} else if (path.startsWith('/pushed')) {
			stream.pushStream({ ':path': `/push?rid=${line.rid}` }, (error, push) => {
				if (error) return;
				push.on('error', () => {});
				push.respond({ ':status': 200 });
				push.end('pushed');
			});
			stream.respond({ ':status': 200 });
			stream.end('pushed');
		} else if (path.startsWith('/reset')) stream.close(2);
	});
}

const STREAMS = /^\/(bare|fd|hints|trailed|pushed|reset)\b/;

function make() {
	switch (protocol) {
	case 'http': return require('http').createServer(handle);
	case 'https': return require('https').createServer(certificate(), handle);
	case 'h2': return require('http2').createSecureServer(certificate());
	case 'h2c': return require('http2').createServer();
	default: throw new Error(protocol);
	}
}

const server = make();
if (protocol.startsWith('h2')) {
	/* Both interfaces in one server, by path. */
	const { Http2ServerRequest, Http2ServerResponse } = require('http2');
	server.on('stream', (stream, headers, flags, raw) => {
		if (STREAMS.test(headers[':path'])) {
			handleStream(stream, headers);
			return;
		}
		const request = new Http2ServerRequest(stream, headers, {}, raw);
		handle(request, new Http2ServerResponse(stream));
	});
	server.on('sessionError', () => {});
}
server.on('clientError', (error, socket) => {
	if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
});
server.on('checkContinue', (request, response) => {
	response.writeContinue();
	handle(request, response);
});
server.on('upgrade', (message, socket) => {
	const line = note(message.method, message.url, message.httpVersion);
	line.end = now();
	socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
	line.finish = now();
	let n = 0;
	socket.on('data', (part) => routes.touch(line.rid, `message${n++}`, () => socket.write(part)));
	socket.on('end', () => socket.end());
	socket.on('error', () => {});
});
server.on('connect', (message, socket) => {
	const line = note(message.method, message.url, message.httpVersion);
	line.end = now();
	socket.end('HTTP/1.1 200 Connected\r\n\r\n');
	line.finish = now();
	socket.on('error', () => {});
});
server.timeout = 0;
server.keepAliveTimeout = 60000; /* however slow the machine */
server.listen(/^\d+$/.test(address) ? Number(address) : address, ...(/^\d+$/.test(address) ? ['127.0.0.1'] : []));
process.on('SIGTERM', () => {
	measureLag();
	fs.writeFileSync(file, truth.map((line) => `${JSON.stringify({ ...line, lag })}\n`).join(''));
	process.exit(0);
});
