// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * node server.js PORT UPSTREAM_PORT TLS_PORT SOCKET [UNDICI [AXIOS]]: each route asks upstream.js in
 * another way; a line a call on stdout says what the client itself saw, by the clock of the tracer.
 */
const dns = require('dns');
const fs = require('fs');
const http = require('http');
const https = require('https');
const net = require('net');

const [port, upstream, tlsPort] = process.argv.slice(2, 5).map(Number);
const [socketPath, undiciPath, axiosPath] = process.argv.slice(5);
const undici = undiciPath && undiciPath !== '-' ? require(undiciPath) : null;
const axios = axiosPath ? require(axiosPath) : null;
const host = `127.0.0.1:${upstream}`;
const origin = `http://${host}`;

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
const single = new http.Agent({ keepAlive: true, maxSockets: 1 });
const secure = new https.Agent({ keepAlive: true });
const now = () => Number(process.hrtime.bigint());

/* One call with http.request; what it saw. */
function ask(rid, target, options = {}) {
	const { library = http, body, method = 'GET', quit, count, ...rest } = options;
	const call = { rid, method, path: target.split('?')[0], host: rest.socketPath ? 'localhost' : library === https ? `127.0.0.1:${tlsPort}` : host,
		own: rest.agent === false, start: now() };
	return new Promise((resolve) => {
		const done = (error) => {
			if (call.end) return;
			call.end = now();
			if (error) call.error = error.code || error.message;
			if (!count) resolve(call);
		};
		const where = rest.socketPath || rest.port ? {} : { host: '127.0.0.1', port: library === https ? tlsPort : upstream };
		const request = library.request({ ...where, path: target, method, ...rest }, (response) => {
			call.status = response.statusCode;
			call.first = now();
			response.on('data', () => {});
			response.on('end', () => done());
			response.on('aborted', () => done(new Error('aborted')));
			response.on('error', done);
		});
		request.on('socket', (socket) => {
			if (socket.connecting) socket.once('connect', () => { call.connected = now(); });
			else call.reused = true;
			if (count)
				socket.once('close', () => resolve(Object.assign(call, { bytes_in: socket.bytesRead, bytes_out: socket.bytesWritten })));
		});
		if (options.timeout) request.on('timeout', () => request.destroy(new Error('timeout')));
		if (quit) setTimeout(() => request.destroy(), quit);
		request.on('error', done);
		request.end(body);
	});
}

async function fetched(rid, target, options = {}) {
	const { from = globalThis.fetch, at = origin, ...rest } = options;
	const url = new URL(target, at);
	const call = { rid, method: rest.method || 'GET', path: url.pathname, host: url.host, start: now() };
	try {
		const response = await from(url, rest);
		call.status = response.status;
		call.first = now();
		await response.text();
	} catch (error) {
		call.error = error.name;
	}
	call.end = now();
	return call;
}

const pool = undici && new undici.Pool(origin, { connections: 1, pipelining: 4 });
const plain = undici && new undici.Pool(origin, { connections: 2 });

async function pooled(rid, target, from, method = 'GET') {
	const call = { rid, method, path: target.split('?')[0], host, start: now() };
	try {
		const { statusCode, body } = await from.request({ path: target, method });
		call.status = statusCode;
		call.first = now();
		await body.text();
	} catch (error) {
		call.error = error.code;
	}
	call.end = now();
	return call;
}

async function axiosed(rid, target, method = 'get') {
	const call = { rid, method: method.toUpperCase(), path: target.split('?')[0], host, start: now() };
	try {
		const response = await axios.request({ url: origin + target, method, validateStatus: null, maxRedirects: 0 });
		Object.assign(call, { status: response.status, first: now() });
	} catch (error) {
		call.error = error.code;
	}
	call.end = now();
	return call;
}

const resolver = new dns.promises.Resolver();
resolver.setServers([`127.0.0.1:${upstream + 1}`]);

/* One question for the address or another record of a name. */
async function named(rid, name, type) {
	const call = { rid, name, type, start: now() };
	try {
		await (type ? resolver.resolve(name, type) : dns.promises.lookup(name));
	} catch (error) {
		call.error = error.code;
	}
	call.end = now();
	return call;
}

/* Some lines over a connection of its own; what the socket counted. */
function talk(rid, times) {
	const call = { rid, talk: times, start: now() };
	return new Promise((resolve) => {
		const socket = net.connect(upstream + 1, '127.0.0.1');
		socket.on('error', () => {});
		socket.once('connect', () => { call.connected = now(); socket.write('line 0'); });
		socket.on('data', () => {
			call.last = now();
			if (--times) socket.write(`line ${times}`);
			else socket.end();
		});
		socket.once('close', () => resolve(Object.assign(call, { bytes_in: socket.bytesRead, bytes_out: socket.bytesWritten, end: now() })));
	});
}

/* One line over a connection that was there before anybody asked. */
const shared = net.connect(upstream + 1, '127.0.0.1');

function share(rid) {
	const call = { rid, shared: true, start: now(), bytes_in: -shared.bytesRead, bytes_out: -shared.bytesWritten };
	return new Promise((resolve) => {
		shared.once('data', () => {
			call.bytes_in += shared.bytesRead;
			call.bytes_out += shared.bytesWritten;
			resolve(Object.assign(call, { end: now() }));
		});
		shared.write(`for ${rid}`);
	});
}

const routes = {
	'/talk': (rid) => [talk(rid, 3)],
	'/shared': (rid) => [share(rid)],
	'/close': (rid) => [ask(rid, `/ok?rid=${rid}`, { agent: false, count: true })],
	'/upload': (rid) => [ask(rid, `/ok?rid=${rid}`, { agent: false, count: true, method: 'PUT', body: 'z'.repeat(300000) })],
	'/download': (rid) => [ask(rid, `/big?rid=${rid}`, { agent: false, count: true })],
	'/default': (rid) => [ask(rid, `/ok?rid=${rid}`)],
	'/agent': (rid) => [ask(rid, `/chunks?rid=${rid}`, { agent })],
	'/single': (rid) => [ask(rid, `/late?rid=${rid}`, { agent: single })],
	'/post': (rid) => [ask(rid, `/ok?rid=${rid}`, { agent, method: 'POST', body: 'x'.repeat(100000) })],
	'/head': (rid) => [ask(rid, `/big?rid=${rid}`, { agent, method: 'HEAD' })],
	'/none': (rid) => [ask(rid, `/none?rid=${rid}`, { agent, method: 'DELETE' })],
	'/early': (rid) => [ask(rid, `/early?rid=${rid}`, { agent })],
	'/big': (rid) => [ask(rid, `/big?rid=${rid}`, { agent })],
	'/slow': (rid) => [ask(rid, `/slow?rid=${rid}`, { agent })],
	'/until-close': (rid) => [ask(rid, `/until-close?rid=${rid}`, { agent: false, count: true })],
	'/fail': (rid) => [ask(rid, `/fail?rid=${rid}`, { agent })],
	'/moved': (rid) => [ask(rid, `/moved?rid=${rid}`, { agent })],
	'/cut': (rid) => [ask(rid, `/cut?rid=${rid}`, { agent: false })],
	'/timeout': (rid) => [ask(rid, `/never?rid=${rid}`, { agent: false, timeout: 50 })],
	'/quit': (rid) => [ask(rid, `/never?rid=${rid}`, { agent: false, quit: 30 })],
	'/refused': (rid) => [ask(rid, `/ok?rid=${rid}`, { host: '127.0.0.1', port: 1, agent: false })],
	'/localhost': (rid) => [ask(rid, `/ok?rid=${rid}`, { host: 'localhost', family: 4, port: upstream, agent: false })],
	'/unix': (rid) => [ask(rid, `/ok?rid=${rid}`, { socketPath, agent: false })],
	'/two': (rid) => [ask(rid, `/ok?rid=${rid}`, { agent }), ask(rid, `/fail?rid=${rid}`, { agent })],
	'/https': (rid) => [ask(rid, `/ok?rid=${rid}`, { library: https, agent: false })],
	'/https-agent': (rid) => [ask(rid, `/chunks?rid=${rid}`, { library: https, agent: secure })],
	'/https-big': (rid) => [ask(rid, `/big?rid=${rid}`, { library: https, agent: secure })],
	'/fetch': (rid) => [fetched(rid, `/ok?rid=${rid}`)],
	'/fetch-post': (rid) => [fetched(rid, `/chunks?rid=${rid}`, { method: 'POST', body: 'y'.repeat(1000) })],
	'/fetch-big': (rid) => [fetched(rid, `/big?rid=${rid}`)],
	'/fetch-fail': (rid) => [fetched(rid, `/nowhere?rid=${rid}`)],
	'/fetch-moved': (rid) => [fetched(rid, `/moved?rid=${rid}`)],
	'/fetch-quit': (rid) => [fetched(rid, `/never?rid=${rid}`, { signal: AbortSignal.timeout(40) })],
	'/fetch-https': (rid) => [fetched(rid, `/ok?rid=${rid}`, { at: `https://127.0.0.1:${tlsPort}` })],
	'/pool': (rid) => [pooled(rid, `/ok?rid=${rid}`, plain)],
	'/pipeline': (rid) => [pooled(rid, `/ok?rid=${rid}`, pool), pooled(rid, `/chunks?rid=${rid}`, pool), pooled(rid, `/fail?rid=${rid}`, pool)],
	'/lookup': (rid) => [named(rid, 'localhost')],
	'/lookup-fail': (rid) => [named(rid, `${'x'.repeat(70)}.test`)],
	'/resolve': (rid) => [named(rid, `a-${rid}.test`, 'A'), named(rid, `b-${rid}.test`, 'AAAA'), named(rid, `c-${rid}.test`, 'MX'), named(rid, `d-${rid}.test`, 'TXT')],
	'/resolve-fail': (rid) => [named(rid, `no-${rid}.test`, 'A')],
	'/axios': (rid) => [axiosed(rid, `/ok?rid=${rid}`)],
	'/axios-fail': (rid) => [axiosed(rid, `/fail?rid=${rid}`, 'post')],
};

/* /NAME/RID: the request's number stands in its path, where no query is dropped. */
http.createServer(async (request, response) => {
	const [, name, rid] = request.url.split('/');
	const route = routes[`/${name}`];
	if (!route) return response.end(Object.keys(routes).join(' '));
	const calls = await Promise.all(route(Number(rid)));
	fs.writeSync(1, calls.map((call) => JSON.stringify(call) + '\n').join(''));
	return response.end(String(calls.length));
}).listen(port, '127.0.0.1');
