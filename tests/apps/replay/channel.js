// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* MessageChannels within one thread: one for each request, and one that all requests share. */
const { MessageChannel } = require('worker_threads');
const { get, serve, touch } = require('./common');

const waiting = new Map();
let shared;

const routes = {
	'/own': (rid, response) => {
		const { port1, port2 } = new MessageChannel();
		port2.on('message', () => {
			port1.close();
			touch(rid, 'own', () => response.end('own'));
		});
		port1.postMessage(rid);
	},
	'/shared': (rid, response) => {
		waiting.set(rid, response);
		shared.postMessage(rid);
	},
};

exports.serve = (port) => {
	const channel = new MessageChannel();
	shared = channel.port1;
	channel.port2.on('message', (rid) => touch(rid, 'shared', () => waiting.get(rid).end('shared')));
	serve(port, routes);
};
exports.drive = async (port) => {
	let rid = 0;
	for (const names of [['own'], ['shared', 'shared'], ['own', 'shared', 'own', 'shared']])
		await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
