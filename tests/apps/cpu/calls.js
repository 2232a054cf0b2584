// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// calls.js PORT: handlers that compute in what they call: the vdso, assembly, C without frame pointers, code of
// regular expressions, C++. Each answers with the CPU time that it took, in us. Time is CPU time: the
// machine may be busy.
'use strict';
const crypto = require('crypto');
const http = require('http');
const zlib = require('zlib');

const BUSY_US = 100000;
const text = JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ i, name: `name ${i}` })));
const one = Buffer.alloc(1 << 20, 1), other = Buffer.alloc(1 << 20, 1);

function clock() {
  for (let i = 0; i < 20000; i++)
    Date.now();
}

function math(sum) {
  for (let i = 0; i < 20000; i++)
    sum += Math.sin(i) + Math.pow(i, 1.5);
  return sum;
}

function regex() {
  return /^(a+)+$/.test('aaaaaaaaaaaaaaaa!');
}

function derive() {
  return crypto.pbkdf2Sync('secret', 'salt', 2000, 64, 'sha512');
}

function compress() {
  return zlib.gzipSync(text);
}

function compare() {
  return Buffer.compare(one, other);
}

function parse() {
  return JSON.parse(text);
}

const kinds = { clock, math, regex, derive, compress, compare, parse };

function until(work) {
  let used = 0;
  for (const began = process.cpuUsage().user; used < BUSY_US; used = process.cpuUsage().user - began)
    work(1);
  return used;
}

function answer(request, response) {
  response.end(String(until(kinds[request.url.slice(1)])));
}

http.createServer(answer).listen(Number(process.argv[2]), '127.0.0.1');
