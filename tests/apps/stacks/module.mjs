// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// An ES module, at its top level too.
import fs from 'fs';
import truth from './truth.js';

const { note, done } = truth;
let count = 0;

export function exported(n) {
  fs.access(note(), done);
  return n;
}

export default class Model {
  find() {
    return [1].map((n) => exported(n));
  }
}

export const arrow = async () => {
  count++;
  new Model().find();
  await null;
  exported(count);
};

fs.access(note(), done);
exported(0);
await null;
exported(1);
