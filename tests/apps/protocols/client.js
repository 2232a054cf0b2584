// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node client.js PROTOCOL ADDRESS ROUNDS: sends every kind of request and prints a line of JSON for each: its
 * number, method, target, the status it got (0 none), whether it was cut off, and when all of the answer was there.
 */
const http = require('http');
const https = require('https');
const http2 = require('http2');
const net = require('net');
const tls = require('tls');

const [, , protocol, address, rounds] = process.argv;
const now = () => Number(process.hrtime.bigint());
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isPath = !/^\d+$/.test(address);
const secure = protocol === 'https' || protocol === 'h2';
const place = isPath ? { socketPath: address } : { host: '127.0.0.1', port: Number(address) };
let next = 1;

function say(line) {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

/* What all protocols are asked: {path, method, headers, body, kind}. */
const BOTH = [
	{ path: '/plain' }, { path: '/now' }, { path: '/timer' }, { path: '/await' }, { path: '/empty' },
	{ path: '/length' }, { path: '/chunks' }, { path: '/large' }, { path: '/file' }, { path: '/trailers' }, { path: '/events' },
	{ path: '/informed' },
	{ path: '/status', headers: { 'x-status': '204' } }, { path: '/status', headers: { 'x-status': '304' } },
	{ path: '/status', headers: { 'x-status': '404' } }, { path: '/status', headers: { 'x-status': '500' } },
	{ path: '/plain', method: 'HEAD' }, { path: '/length', method: 'HEAD' }, { path: '/empty', method: 'DELETE' },
	{ path: '/empty', method: 'OPTIONS' },
	{ path: '/collect', method: 'POST', body: ['one', 'two', 'three'] },
	{ path: '/collect', method: 'PUT', body: ['x'.repeat(300000)] },
	{ path: '/echo', method: 'POST', body: ['one', 'two', 'x'.repeat(100000)] },
	{ path: '/early', method: 'PATCH', body: ['x'.repeat(1000)] },
	{ path: '/large', kind: 'slow' },
	{ path: '/never', kind: 'abort' }, { path: '/forever', kind: 'abort' },
	{ path: '/destroy', kind: 'torn' }, { path: '/torn', kind: 'torn' },
];
const STREAMS = [
	{ path: '/bare' }, { path: '/fd' }, { path: '/hints' }, { path: '/trailed' }, { path: '/pushed' },
	{ path: '/reset', kind: 'torn' },
];

const target = (what, rid) => `${what.path}?rid=${rid}`;
const line = (what, rid) => ({ rid, method: what.method || 'GET', url: target(what, rid), status: 0, kind: what.kind || '', done: 0 });

async function send(stream, body) {
	for (const part of body || []) {
		stream.write(part);
		await sleep(2);
	}
	stream.end();
}

function finish(told, response, what, resolve) {
	if (what.kind === 'slow') {
		response.pause();
		setTimeout(() => response.resume(), 60);
	}
	if (what.kind === 'abort') setTimeout(() => (protocol.startsWith('h2') ? response.close(http2.constants.NGHTTP2_CANCEL) : response.destroy()), 20);
	response.on('data', () => {});
	response.on('error', () => {});
	response.on('end', () => { told.done = now(); });
	response.on('close', () => resolve(told));
}

function one(agent, what) {
	const told = line(what, next++);
	return new Promise((resolve) => {
		const request = (secure ? https : http).request({
			...place, agent, method: told.method, path: told.url, headers: what.headers || {}, rejectUnauthorized: false,
		}, (response) => {
			told.status = response.statusCode;
			finish(told, response, what, resolve);
		});
		request.on('error', () => resolve(told));
		if (what.path === '/never') setTimeout(() => request.destroy(), 20);
		send(request, what.body);
	});
}

/*
 * Texts on one connection, each after a pause; the lines told beforehand get the statuses in their order. It waits
 * for them, or for the server to close the connection.
 */
async function raw(texts, lines, { early = false, closed = false } = {}) {
	const socket = secure ? tls.connect({ ...place, rejectUnauthorized: false })
		: isPath ? net.connect(address) : net.connect(place);
	let answer = '';
	let over = false;
	let gone = false;
	socket.on('error', () => {});
	socket.on('end', () => { over = true; });
	socket.on('close', () => { gone = true; });
	socket.on('data', (part) => { answer += part.toString('latin1'); });
	await new Promise((resolve) => socket.once(secure ? 'secureConnect' : 'connect', resolve));
	const statuses = () => [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => Number(match[1])).filter((status) => status >= 200 || status === 101);
	for (const text of texts) {
		socket.write(text);
		await sleep(10);
	}
	for (let i = 0; i < 3000 && !early && !(closed ? over : statuses().length >= lines.length); i++) await sleep(10);
	socket.end();
	for (let i = 0; i < 3000 && !gone; i++) await sleep(10); /* the server has read it all, and hangs up */
	socket.destroy();
	lines.forEach((told, i) => {
		told.status = statuses()[i] || 0;
		told.done = told.status ? now() : 0;
		say(told);
	});
}

const head = (told, more = '', version = '1.1') => `${told.method} ${told.url} HTTP/${version}\r\nHost: case\r\n${more}\r\n`;

async function rawCases() {
	const make = (path, method = 'GET', kind = '') => line({ path, method, kind }, next++);
	let a = make('/plain'), b = make('/await'), c = make('/now');
	await raw([head(a) + head(b) + head(c)], [a, b, c]);
	a = make('/plain');
	await raw([head(a, '', '1.0')], [a], { closed: true });
	a = make('/chunks');
	await raw([head(a, '', '1.0')], [a], { closed: true });
	a = make('/collect', 'POST');
	await raw([head(a, 'Content-Length: 4\r\nExpect: 100-continue\r\n'), 'body'], [a]);
	a = make('/collect', 'POST');
	await raw([head(a, 'Transfer-Encoding: chunked\r\n'), '4\r\nbody\r\n', '0\r\n\r\n'], [a]);
	a = make('/plain'); /* in pieces */
	await raw([head(a).slice(0, 7), head(a).slice(7, 25), head(a).slice(25)], [a]);
	a = make('/socket');
	await raw([head(a, 'Upgrade: echo\r\nConnection: Upgrade\r\n'), 'hello', 'again'], [a]);
	a = { ...make('/tunnel', 'CONNECT'), url: '', kind: 'connect' };
	await raw([`CONNECT case:80?rid=${a.rid} HTTP/1.1\r\nHost: case\r\n\r\n`], []);
	/* never a request */
	await raw(['GET /half HTTP/1.1\r\nHost: ca'], [], { early: true });
	await raw(['GET /ha'], [], { early: true });
	await raw(['BAD\0\r\n\r\n'], [], { early: true });
	await raw(['GET /bad HTTP/1.1\r\nBad Header\r\n\r\n'], [], { early: true });
	/* the body is cut off */
	a = make('/collect', 'POST', 'refused');
	await raw([head(a, 'Content-Length: 4000\r\n'), 'only this'], [a], { early: true });
}

async function http1() {
	const agent = new (secure ? https : http).Agent({ keepAlive: true, maxSockets: 4 });
	for (let i = 0; i < rounds; i++) {
		for (const told of await Promise.all(BOTH.map((what) => one(agent, what)))) say(told);
		await rawCases();
	}
	for (const what of BOTH) say(await one(false, what));
	agent.destroy();
}

function stream(session, what) {
	const told = line(what, next++);
	return new Promise((resolve) => {
		const request = session.request({ ':method': told.method, ':path': told.url, ...what.headers });
		request.on('response', (headers) => { told.status = headers[':status']; });
		request.on('headers', () => {});
		request.on('error', () => {});
		finish(told, request, what, resolve);
		send(request, what.body);
	});
}

async function http2Cases() {
	const url = `${secure ? 'https' : 'http'}://localhost${isPath ? '' : `:${address}`}`;
	const connect = () => new Promise((resolve) => {
		const options = { rejectUnauthorized: false };
		if (isPath) options.createConnection = () => net.connect(address);
		else options.createConnection = () => (secure ? tls.connect({ ...place, ALPNProtocols: ['h2'], rejectUnauthorized: false }) : net.connect(place));
		const session = http2.connect(url, options, () => resolve(session));
		session.on('error', () => {});
		session.on('stream', (push) => push.resume());
	});
	const all = [...BOTH, ...STREAMS];
	let session = await connect();
	for (let i = 0; i < rounds; i++)
		for (const told of await Promise.all(all.map((what) => stream(session, what)))) say(told);
	for (const what of all) say(await stream(session, what));
	session.destroy();
	session = await connect(); /* one that goes away in the middle */
	const cut = ['/never', '/forever'].map((path) => stream(session, { path, kind: 'abort' }));
	await sleep(30);
	session.destroy();
	for (const told of await Promise.all(cut)) say(told);
}

(protocol.startsWith('h2') ? http2Cases() : http1()).then(() => setTimeout(() => process.exit(0), 50));
