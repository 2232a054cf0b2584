// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* A key and a self-signed certificate for localhost, made anew for each run: none lies in the repository. */
const crypto = require('crypto');

const length = (n) => (n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255]);
const der = (tag, ...parts) => {
	const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
	return Buffer.concat([Buffer.from([tag, ...length(body.length)]), body]);
};
const sequence = (...parts) => der(0x30, ...parts);
const oid = (...bytes) => der(0x06, bytes);
const time = (ms) => der(0x17, Buffer.from(new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14) + 'Z'));

exports.certificate = function certificate() {
	const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
	const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11), der(0x05)); // sha256WithRSAEncryption
	const name = sequence(der(0x31, sequence(oid(0x55, 4, 3), der(0x0c, Buffer.from('localhost')))));
	const day = 24 * 3600 * 1000;
	const body = sequence(der(0x02, [1]), algorithm, name, sequence(time(Date.now() - day), time(Date.now() + day)),
		name, publicKey.export({ type: 'spki', format: 'der' }));
	const signature = crypto.sign('sha256', body, privateKey);
	const whole = sequence(body, algorithm, der(0x03, [0], signature)).toString('base64').match(/.{1,64}/g).join('\n');
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
		cert: `-----BEGIN CERTIFICATE-----\n${whole}\n-----END CERTIFICATE-----\n`,
	};
};
