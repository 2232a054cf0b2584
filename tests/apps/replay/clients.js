// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/*
 * The server asks another one for answers of every framing: over connections of their own and over
 * one that is kept, with fetch(), one by one and in a pipeline. The other server runs in the client's
 * process.
 */
const http = require('http');
const net = require('net');
const { get, request, serve, sleep, touch } = require('./common');

let agent;
let upstream;

const answers = {
	'/ok': (response) => response.end('ok'),
	'/chunks': (response) => { response.write('one'); response.write('two'); response.end('three'); },
	'/big': (response) => response.end(Buffer.alloc(200000, 'x')),
	'/none': (response) => { response.statusCode = 204; response.end(); },
	'/fail': (response) => { response.statusCode = 503; response.end('later'); },
	'/early': (response) => { response.writeProcessing(); response.end('after 102'); },
	'/moved': (response) => { response.writeHead(302, { location: '/ok' }); response.end(); },
	'/until-close': (response) => {
		response.shouldKeepAlive = response.useChunkedEncodingByDefault = false;
		response.write('all there is');
		setTimeout(() => response.end(), 10);
	},
	'/cut': (response) => {
		response.writeHead(200, { 'content-length': 100 });
		response.write('half');
		setTimeout(() => response.destroy(), 10);
	},
	'/never': () => {},
};

function ask(path, options, done) {
	const call = http.request({ host: '127.0.0.1', port: upstream, path, ...options }, (response) => {
		response.resume();
		response.on('close', () => done(response.statusCode));
		response.on('error', () => {});
	});
	call.on('error', () => done(0));
	if (options.timeout) call.on('timeout', () => call.destroy());
	call.end(options.body);
}

/* Three requests on one connection before the first response is there. */
function pipeline(done) {
	const paths = ['/ok?p=1', '/chunks?p=2', '/fail?p=3'];
	const socket = net.connect(upstream, '127.0.0.1', () => paths.forEach((path) => socket.write(request(path))));
	let text = '';
	socket.on('data', (data) => {
		text += data;
		if (text.includes('later')) socket.destroy();
	});
	socket.on('close', () => done(text.match(/HTTP\/1/g).length));
	socket.on('error', () => {});
}

const plain = (path, options) => (rid, response) => ask(path, options || { agent }, (status) =>
	touch(rid, 'asked', () => response.end(String(status))));

const routes = {
	'/own': plain('/ok', { agent: false }),
	'/name': plain('/ok', { agent: false, host: 'localhost', family: 4 }),
	'/chunks': plain('/chunks?secret=1'),
	'/head': (rid, response) => ask('/big', { agent, method: 'HEAD' }, () => response.end()),
	'/post': (rid, response) => ask('/ok', { agent, method: 'POST', body: 'x'.repeat(50000) }, () => response.end()),
	'/until-close': plain('/until-close', { agent: false }),
	'/cut': plain('/cut', { agent: false }),
	'/late': plain('/never', { agent: false, timeout: 30 }),
	'/refused': plain('/ok', { agent: false, port: 1 }),
	'/pipeline': (rid, response) => pipeline((n) => touch(rid, 'piped', () => response.end(String(n)))),
	'/fetch': (rid, response) => fetch(`http://127.0.0.1:${upstream}/moved`)
		.then((answer) => answer.text())
		.then((text) => touch(rid, 'fetched', () => response.end(text))),
};
for (const name of ['big', 'none', 'fail', 'early']) routes[`/${name}`] = plain(`/${name}`);

exports.serve = (port) => {
	upstream = port + 1;
	agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	serve(port, routes);
};
exports.before = (port) => new Promise((resolve) => {
	http.createServer((question, response) => {
		question.resume();
		question.on('end', () => answers[question.url.split('?')[0]](response));
	}).listen(port + 1, '127.0.0.1', resolve);
});
exports.drive = async (port) => {
	let rid = 0;
	for (const name of Object.keys(routes)) await get(port, `${name}?rid=${++rid}`);
	await Promise.all(['chunks', 'fail', 'big', 'none'].map((name) => get(port, `/${name}?rid=${++rid}`)));
	await sleep(20);
};
