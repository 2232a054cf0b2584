// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// The same in an ECMAScript module, which itself waits.
import { createRequire } from 'module';
import { setTimeout as sleep } from 'timers/promises';

const { touch } = createRequire(import.meta.url)('./truth.js');

async function leaf() {
  await sleep(1);
  touch('module');
}

export const arrow = async () => {
  await leaf();
  touch('arrow');
};

export default class Model {
  async find() {
    await arrow();
    return 1;
  }

  static async all() {
    return await Promise.all([new Model().find(), leaf()]);
  }
}

await leaf();
touch('top-level');
