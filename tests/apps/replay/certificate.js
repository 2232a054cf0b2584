// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
'use strict';
/* A key and a certificate signed with it, made anew at each start: no secret lies in the repository. */
const crypto = require('crypto');

const der = (tag, ...parts) => {
	const body = Buffer.concat(parts);
	const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
	return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts) => der(0x30, ...parts);
const set = (...parts) => der(0x31, ...parts);
const integer = (...bytes) => der(0x02, Buffer.from(bytes));
const object = (hex) => der(0x06, Buffer.from(hex, 'hex'));
const time = (text) => der(0x17, Buffer.from(text));

/* {key, cert} in PEM, for localhost. */
module.exports = () => {
	const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
	const ecdsaWithSha256 = sequence(object('2a8648ce3d040302'));
	const name = sequence(set(sequence(object('550403'), der(0x0c, Buffer.from('localhost')))));
	const body = sequence(
		der(0xa0, integer(2)), integer(1), ecdsaWithSha256, name,
		sequence(time('200101000000Z'), time('491231235959Z')), name,
		publicKey.export({ type: 'spki', format: 'der' }));
	const signature = crypto.sign('sha256', body, privateKey);
	const cert = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
	const lines = cert.toString('base64').match(/.{1,64}/g).join('\n');
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
		cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
	};
};
