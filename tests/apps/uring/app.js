// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// app.js PORT: GET /files?rid=N works on files of its own, by promises and by callbacks, each name with
// N in it. Answers with 200 when all that went well.
'use strict';
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const { promisify } = require('util');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'uring-'));
process.on('SIGTERM', () => {
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});

async function byPromises(name) {
  const file = await fs.promises.open(name, 'w+');
  await file.write('some words', 0);
  await file.sync();
  await file.stat();
  await file.read(Buffer.alloc(4), 0, 4, 0);
  await file.close();
  await fs.promises.lstat(name);
  await fs.promises.access(name); // io_uring knows no such thing: of the pool
}

async function byCallbacks(name) {
  const fd = await promisify(fs.open)(name, 'r');
  await promisify(fs.fstat)(fd);
  await promisify(fs.read)(fd, Buffer.alloc(4), 0, 4, 0);
  await promisify(fs.close)(fd);
  await promisify(fs.rename)(name, `${name}.moved`);
  await promisify(fs.unlink)(`${name}.moved`);
  await promisify(fs.stat)(`${name}.missing`).catch(() => {});
}

http.createServer((req, res) => {
  const rid = /rid=(\d+)/.exec(req.url);
  if (!rid) return res.end();
  const name = path.join(folder, `rid-${rid[1]}.txt`);
  byPromises(name).then(() => byCallbacks(name)).then(() => res.end('done'), (error) => {
    res.statusCode = 500;
    res.end(String(error));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
