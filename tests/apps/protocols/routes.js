// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * What the server answers: handlers called as handler(rid, request, response), the same for HTTP/1 and for
 * HTTP/2's compatible interface. Every handler looks for a file whose name tells its request.
 */
const fs = require('fs');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const touch = (rid, tag, done) => fs.access(`/nowhere/rid-${rid}.${tag}`, () => done && done());
const touched = (rid, tag) => new Promise((resolve) => touch(rid, tag, resolve));
const LARGE = Buffer.alloc(4 << 20, 'x');

function tear(response) {
	if (response.stream) response.stream.close(2); /* INTERNAL_ERROR */
	else response.destroy();
}

function collect(rid, request, done) {
	const parts = [];
	let n = 0;
	request.on('data', (part) => {
		parts.push(part);
		touch(rid, `data${n++}`);
	});
	request.on('end', () => done(Buffer.concat(parts)));
}

module.exports = {
	'/plain': (rid, request, response) => touch(rid, 'plain', () => response.end('plain')),
	'/now': (rid, request, response) => {
		touch(rid, 'now');
		response.end('now');
	},
	'/timer': (rid, request, response) => setTimeout(() => touch(rid, 'timer', () => response.end('timer')), 5),
	'/await': async (rid, request, response) => {
		await touched(rid, 'one');
		await sleep(2);
		await touched(rid, 'two');
		response.end('await');
	},
	'/empty': (rid, request, response) => touch(rid, 'empty', () => response.end()),
	'/status': (rid, request, response) => {
		touch(rid, 'status', () => {
			response.writeHead(Number(request.headers['x-status']));
			response.end();
		});
	},
	'/length': (rid, request, response) => touch(rid, 'length', () => {
		response.writeHead(200, { 'content-length': 12 });
		response.write('first ');
		setTimeout(() => response.end('second'), 3);
	}),
	'/chunks': async (rid, request, response) => {
		for (let i = 0; i < 4; i++) {
			await touched(rid, `chunk${i}`);
			response.write(`part ${i}`);
		}
		response.end();
	},
	'/large': (rid, request, response) => touch(rid, 'large', () => response.end(LARGE)),
	'/file': (rid, request, response) => {
		touch(rid, 'file');
		fs.createReadStream(process.execPath, { end: 300000 }).pipe(response);
	},
	'/collect': (rid, request, response) => collect(rid, request, (body) => touch(rid, 'collected', () => response.end(body))),
	'/echo': (rid, request, response) => {
		touch(rid, 'echo');
		request.pipe(response);
	},
	/* Answers before it has read what it is sent. */
	'/early': (rid, request, response) => {
		touch(rid, 'early', () => {
			response.writeHead(413);
			response.end('too much');
			request.resume();
		});
	},
	'/trailers': (rid, request, response) => touch(rid, 'trailers', () => {
		if (request.httpVersionMajor < 2) response.setHeader('Trailer', 'x-sum');
		response.write('body');
		response.addTrailers({ 'x-sum': '1' });
		response.end();
	}),
	'/events': async (rid, request, response) => {
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		for (let i = 0; i < 5; i++) {
			await touched(rid, `event${i}`);
			response.write(`data: ${i}\n\n`);
			await sleep(2);
		}
		response.end();
	},
	/* Until the client has had enough. */
	'/forever': (rid, request, response) => {
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		const timer = setInterval(() => touch(rid, 'tick', () => response.write('data: 1\n\n')), 3);
		response.on('close', () => clearInterval(timer));
	},
	'/never': (rid) => touch(rid, 'never'),
	'/destroy': (rid, request, response) => touch(rid, 'destroy', () => tear(response)),
	'/torn': (rid, request, response) => {
		response.writeHead(200, { 'content-length': 1000 });
		response.write('only this');
		setTimeout(() => touch(rid, 'torn', () => tear(response)), 10);
	},
	'/informed': (rid, request, response) => {
		if (response.writeProcessing && request.httpVersionMajor < 2) response.writeProcessing();
		touch(rid, 'informed', () => response.end('informed'));
	},
};
module.exports.touch = touch;
