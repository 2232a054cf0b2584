// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* What writes: login, orders, payments. */
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { promisify } = require('util');
const { sendJson } = require('./products');
const { reserve } = require('./supplier');

const pbkdf2 = promisify(crypto.pbkdf2);
const sleep = promisify(setTimeout);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ntrace-demo-'));
let lastOrder = 0;

process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));

async function readBody(request) {
	let text = '';
	for await (const part of request) text += part;
	return JSON.parse(text || '{}');
}

async function login({ request, response }) {
	const { user, password } = await readBody(request);
	const key = await pbkdf2(String(password), String(user), 20000, 32, 'sha256');
	sendJson(response, { token: key.toString('hex') });
}

async function saveOrder(order) {
	const file = path.join(folder, `order-${order.id % 100}.json`);
	await fs.promises.writeFile(file, JSON.stringify(order));
	return fs.promises.stat(file);
}

async function create({ request, response }) {
	const order = await readBody(request);
	order.id = ++lastOrder;
	await reserve(order.product);
	const saved = await saveOrder(order);
	sendJson(response, { id: order.id, bytes: saved.size }, 201);
}

/* The bank never accepts: this route fails after it has waited. */
async function askBank() {
	await sleep(15);
	throw new Error('the bank declined');
}

async function pay({ request, response }) {
	await readBody(request);
	await askBank();
	sendJson(response, { paid: true });
}

module.exports = { login, create, pay };
