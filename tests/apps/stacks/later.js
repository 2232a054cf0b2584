// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// The same from code that runs later: callbacks, promises, async functions.
'use strict';

const { EventEmitter } = require('events');
const fs = require('fs');
const { note, done } = require('./truth.js');
const { leaf, middle } = require('./plain.js');

const emitter = new EventEmitter();
emitter.on('event', function onEvent(n) {
  middle(n);
});
emitter.on('event', () => {
  leaf();
});

function callbacks() {
  return new Promise((resolve) => {
    process.nextTick(function ticked() {
      leaf();
      setImmediate(() => {
        middle(1);
        setTimeout(function timer() {
          fs.access(note(), done);
          queueMicrotask(() => {
            leaf();
            fs.stat('/', function onStat() {
              middle(2);
              resolve();
            });
          });
        }, 0);
      });
    });
  });
}

async function inner(n) {
  leaf();
  await null;
  fs.access(note(), done);
  if (n) {
    await inner(n - 1);
    middle(n);
  }
  return n;
}

async function* asyncGenerator() {
  yield leaf();
  await null;
  yield middle(1);
}

async function promises() {
  leaf();
  await inner(2);
  await fs.promises.access(note()).catch(() => leaf());
  await Promise.all([inner(0), inner(1)]);
  for await (const n of asyncGenerator()) middle(n);
  await new Promise((resolve, reject) => {
    leaf();
    reject(new Error('x'));
  }).then(() => {}, function onRejected() {
    middle(1);
  }).finally(() => {
    leaf();
  });
  const arrow = async () => {
    await 1;
    leaf();
  };
  await arrow();
}

async function later() {
  emitter.emit('event', 1);
  await callbacks();
  await promises();
}

module.exports = { later };
