// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Pages that read: templates and the catalogue from disk, prices from the supplier. */
const fs = require('fs');
const path = require('path');
const { fetchPrice } = require('./supplier');

const TEMPLATE = path.join(__dirname, 'templates', 'home.html');
const CATALOGUE = path.join(__dirname, 'data', 'catalogue.json');
const template = { modified: 0, text: '' };

function sendJson(response, body, status = 200) {
	const text = JSON.stringify(body);
	response.writeHead(status, {
		'content-type': 'application/json',
		'content-length': Buffer.byteLength(text),
	});
	response.end(text);
}

/* Callback style on purpose: much of what runs in production is. */
function loadTemplate(done) {
	fs.stat(TEMPLATE, function onStat(error, stat) {
		if (error) return done(error);
		if (stat.mtimeMs === template.modified) return done(null, template.text);
		fs.readFile(TEMPLATE, 'utf8', function onTemplate(failure, text) {
			if (failure) return done(failure);
			Object.assign(template, { modified: stat.mtimeMs, text });
			done(null, text);
		});
	});
}

async function readCatalogue() {
	return JSON.parse(await fs.promises.readFile(CATALOGUE, 'utf8'));
}

function home({ response }) {
	return new Promise(function render(resolve, reject) {
		loadTemplate(function onLoaded(error, text) {
			if (error) return reject(error);
			response.setHeader('content-type', 'text/html');
			response.end(text.replace('{{date}}', new Date().toISOString()));
			resolve();
		});
	});
}

async function list({ response }) {
	const catalogue = await readCatalogue();
	sendJson(response, catalogue.map(({ id, name }) => ({ id, name })));
}

async function show({ response, id }) {
	const catalogue = await readCatalogue();
	const product = catalogue.find((item) => item.id === Number(id));
	if (!product) throw Object.assign(new Error('no such product'), { status: 404 });
	const price = await fetchPrice(product.id);
	sendJson(response, { ...product, price });
}

async function priceOf(product) {
	return { name: product.name, price: await fetchPrice(product.id) };
}

async function search({ response, query }) {
	const word = (query.get('q') || '').toLowerCase();
	const catalogue = await readCatalogue();
	const found = catalogue.filter((item) => item.name.toLowerCase().includes(word)).slice(0, 4);
	sendJson(response, await Promise.all(found.map(priceOf)));
}

module.exports = { home, list, show, search, sendJson, readCatalogue };
