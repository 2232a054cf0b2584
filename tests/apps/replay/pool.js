// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* Jobs of the thread pool: crypto, zlib, dns, files by descriptor; more at once than the pool has threads. */
const crypto = require('crypto');
const dns = require('dns');
const fs = require('fs/promises');
const zlib = require('zlib');
const { promisify } = require('util');
const { get, serve, touched } = require('./common');

const pbkdf2 = promisify(crypto.pbkdf2);
const scrypt = promisify(crypto.scrypt);
const randomBytes = promisify(crypto.randomBytes);
const gzip = promisify(zlib.gzip);
const gunzip = promisify(zlib.gunzip);
const brotli = promisify(zlib.brotliCompress);
const text = Buffer.from('lorem ipsum '.repeat(2000));

const routes = {
	'/crypto': async (rid, response) => {
		await pbkdf2('secret', 'salt', 2000, 32, 'sha256');
		await touched(rid, 'pbkdf2');
		await scrypt('secret', 'salt', 32, { N: 1024 });
		await randomBytes(16);
		await touched(rid, 'random');
		response.end('crypto');
	},
	'/keys': (rid, response) => crypto.generateKeyPair('ec', { namedCurve: 'P-256' }, () =>
		crypto.hkdf('sha256', 'key', 'salt', 'info', 16, () => touched(rid, 'keys').then(() => response.end('keys')))),
	'/digest': async (rid, response) => {
		await crypto.webcrypto.subtle.digest('SHA-256', text);
		await touched(rid, 'digest');
		response.end('digest');
	},
	'/zlib': async (rid, response) => {
		const packed = await gzip(text);
		await touched(rid, 'gzip');
		await gunzip(packed);
		await brotli(text.subarray(0, 500));
		await touched(rid, 'brotli');
		response.end('zlib');
	},
	'/stream': (rid, response) => {
		response.setHeader('content-encoding', 'gzip');
		const stream = zlib.createGzip();
		stream.pipe(response);
		stream.write(text);
		stream.end(text, () => touched(rid, 'stream'));
	},
	'/dns': (rid, response) => dns.lookup('localhost', () => touched(rid, 'dns').then(() => response.end('dns'))),
	'/handle': async (rid, response) => {
		const file = await fs.open('/etc/hostname');
		await file.stat();
		await file.read(Buffer.alloc(10), 0, 10, 0);
		await file.close();
		await touched(rid, 'handle');
		response.end('handle');
	},
	'/crowd': async (rid, response) => {
		await Promise.all(Array.from({ length: 6 }, () => pbkdf2('secret', 'salt', 3000, 32, 'sha256')));
		await touched(rid, 'crowd');
		response.end('crowd');
	},
};

exports.serve = (port) => serve(port, routes);
exports.drive = async (port) => {
	let rid = 0;
	for (const names of [['crypto', 'keys'], ['digest', 'zlib'], ['stream', 'dns'], ['handle'], ['crowd', 'zlib']])
		await Promise.all(names.map((name) => get(port, `/${name}?rid=${++rid}`)));
};
