// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Plain callbacks: nested, in parallel, after ticks; two requests at a time. */
const fs = require('fs');
const { get, path, serve, touch } = require('./common');

const routes = {
	'/nested': (rid, response) => fs.stat(path(rid, 'a'), () =>
		fs.lstat(path(rid, 'b'), () =>
			fs.readdir(path(rid, 'c'), () => response.end('nested')))),
	'/fan': (rid, response) => {
		let left = 4;
		for (const tag of ['p', 'q', 'r', 's']) touch(rid, tag, () => --left || response.end('fan'));
	},
	'/ticks': (rid, response) => {
		process.nextTick(() => {
			touch(rid, 'tick', () => process.nextTick(() => touch(rid, 'tock', () => response.end('ticks'))));
		});
	},
	'/file': (rid, response) => fs.readFile('/etc/hostname', (error, text) => {
		touch(rid, 'read', () => response.end(String(text.length)));
	}),
	'/late': (rid, response) => {
		response.end('late');
		touch(rid, 'afterwards', () => touch(rid, 'later'));
	},
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	let rid = 0;
	for (const pair of [['nested', 'fan'], ['ticks', 'file'], ['late', 'nested'], ['fan', 'ticks']])
		await Promise.all(pair.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
