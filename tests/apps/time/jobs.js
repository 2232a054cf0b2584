// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// jobs.js PORT: GET /jobs gives the thread pool jobs of all kinds, one after the other, and answers with what
// async_hooks and its own clock say of each: the id, when it was asked for, and when it was called back.
// Times are those of process.hrtime, CLOCK_MONOTONIC, in nanoseconds.
'use strict';
const asyncHooks = require('async_hooks');
const crypto = require('crypto');
const dns = require('dns');
const fs = require('fs');
const http = require('http');
const zlib = require('zlib');

const TIMES = 40; // of each kind
const now = () => Number(process.hrtime.bigint()); // exact for a hundred days after boot
const text = Buffer.alloc(20000, 'some text ');

const kinds = {
  FSREQCALLBACK: done => fs.stat(__filename, done),
  GETADDRINFOREQWRAP: done => dns.lookup('localhost', done),
  PBKDF2REQUEST: done => crypto.pbkdf2('password', 'salt', 200, 64, 'sha512', done),
  RANDOMBYTESREQUEST: done => crypto.randomBytes(50000, done),
  ZLIB: done => zlib.deflate(text, done),
};

let job = null; // the one that is being asked for, or under way
asyncHooks.createHook({
  init(id, type) {
    if (!job || type !== job.type || job.id) return;
    job.id = id;
    job.init = now();
  },
  before(id) {
    if (job && id === job.id && !job.before) job.before = now();
  },
}).enable();

function run(type) {
  return new Promise((resolve, reject) => {
    job = { type, id: 0, asked: now() };
    kinds[type](error => {
      const told = { ...job, called: now() };
      job = null;
      if (error) reject(error);
      else resolve(told);
    });
    job.returned = now();
  });
}

async function runAll() {
  const all = [];
  for (const type of Object.keys(kinds))
    for (let i = 0; i < TIMES; i++) all.push(await run(type));
  return all;
}

http.createServer(async (request, response) => {
  response.end(JSON.stringify(await runAll()));
}).listen(Number(process.argv[2]), '127.0.0.1');
