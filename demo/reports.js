// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* The two that hurt: one waits, one computes. */
const { promisify } = require('util');
const zlib = require('zlib');
const { readCatalogue, sendJson } = require('./products');

const gzip = promisify(zlib.gzip);
const sleep = promisify(setTimeout);

async function queryWarehouse(rows) {
	await sleep(250);
	return rows.map((row, i) => ({ ...row, sold: i * 7 }));
}

async function daily({ response }) {
	const rows = await queryWarehouse(await readCatalogue());
	const body = await gzip(JSON.stringify(rows));
	response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
	response.end(body);
}

/* Blocks the event loop for tens of milliseconds, and everybody else with it. */
function simulate(rounds) {
	let value = 1;
	for (let i = 0; i < rounds; i++) value = (value * 16807) % 2147483647;
	return value;
}

async function forecast({ response }) {
	const catalogue = await readCatalogue();
	sendJson(response, { products: catalogue.length, value: simulate(3e6) });
}

module.exports = { daily, forecast };
