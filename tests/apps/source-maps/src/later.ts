import { access } from 'fs';
import { done, touch } from './touch.js';

/** Waits a little. */
function pause<T>(value: T): Promise<T> {
  return new Promise<T>((resolve) => {
    access(touch('executor'), done);
    setTimer(() => resolve(value));
  });
}

declare function setTimeout(callback: () => void, ms: number): unknown;

function setTimer(callback: () => void): void {
  setTimeout(() => {
    access(touch('timer'), done);
    callback();
  }, 1);
}

async function load(id: number): Promise<number> {
  access(touch('async-before'), done);
  const value = await pause<number>(id);
  access(touch('async-after'), done);
  return value;
}

export const everyLater = async (): Promise<number> => {
  let sum = 0;
  try {
    sum = await load(1) + (await load(2) as number);
  } finally {
    access(touch('finally'), done);
  }
  return [1, 2].map((n: number) => {
    access(touch('map'), done);
    return n * sum;
  }).length;
};
