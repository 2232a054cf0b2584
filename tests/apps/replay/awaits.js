// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Promises: await in a row, all, race, any, for await, then chains, errors, one promise for several requests. */
const fs = require('fs/promises');
const { get, path, serve, sleep, touched } = require('./common');

let shared;
async function* pieces(rid) {
	for (const tag of ['g1', 'g2']) {
		await touched(rid, tag);
		yield tag;
	}
}

const routes = {
	'/row': async (rid, response) => {
		await null;
		await fs.stat(path(rid, 'a')).catch(() => null);
		await touched(rid, 'b');
		response.end('row');
	},
	'/all': async (rid, response) => {
		await Promise.all([touched(rid, 'a1'), touched(rid, 'a2'), sleep(5)]);
		await Promise.race([touched(rid, 'r1'), sleep(1000)]);
		await Promise.any([Promise.reject(new Error('no')), touched(rid, 'y1')]);
		response.end('all');
	},
	'/generator': async (rid, response) => {
		for await (const tag of pieces(rid)) await touched(rid, `after-${tag}`);
		response.end('generator');
	},
	'/then': (rid, response) => touched(rid, 't1')
		.then(() => touched(rid, 't2'))
		.then(() => { throw new Error('on purpose'); })
		.catch(() => touched(rid, 't3'))
		.finally(() => response.end('then')),
	'/error': async (rid, response) => {
		try {
			await fs.readFile(path(rid, 'missing'));
		} catch {
			response.statusCode = 500;
			await touched(rid, 'caught');
		}
		response.end('error');
	},
	'/shared': async (rid, response) => {
		shared = shared || sleep(10);
		await shared;
		shared = undefined;
		await touched(rid, 'own');
		response.end('shared');
	},
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	let rid = 0;
	for (const names of [['row', 'all'], ['generator', 'then'], ['error', 'row'], ['shared', 'shared', 'shared']])
		await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
