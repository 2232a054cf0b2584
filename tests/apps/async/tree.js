// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// tree.js PORT: a handler of async functions that touch files named after where they stand:
// /nonexistent/handler/load/getUser is to hang on getUser(), that on load(), that on handler().
'use strict';

const fs = require('fs');
const http = require('http');

const tick = () => new Promise(setImmediate);
const touch = (path) => fs.promises.access(`/nonexistent/${path}`).catch(() => {});

async function getUser(path) {
  await touch(`${path}/getUser`);
  await tick();
  await touch(`${path}/getUser`);
}

async function load(path) {
  await touch(`${path}/load`);
  await getUser(`${path}/load`);
  await touch(`${path}/load`);
}

// Waits before it touches anything.
async function late(path) {
  await null;
  await touch(`${path}/late`);
  await load(`${path}/late`);
}

class Service {
  async render(path) {
    await touch(`${path}/render`);
    try {
      await this.fail(`${path}/render`);
    } catch {
      await touch(`${path}/render`);
    }
  }

  async fail(path) {
    await touch(`${path}/fail`);
    throw new Error('no');
  }
}

async function handler(response) {
  await load('handler');
  await load('handler');
  await Promise.all([load('handler'), late('handler')]);
  await new Service().render('handler');
  setImmediate(() => fs.access('/nonexistent/', () => {}));
  await tick();
  response.end();
}

http.createServer((request, response) => {
  handler(response);
}).listen(Number(process.argv[2]), '127.0.0.1');
