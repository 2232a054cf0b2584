import { access } from 'fs';
import { done, touch } from './touch.js';

// Types and enums leave no code, or other code: lines move.
interface Priced {
  readonly price: number;
  readonly name?: string;
}

enum Currency { Euro = 'EUR', Dollar = 'USD' }

type Rates = {
  [currency in Currency]: number;
};

const rates: Rates = { [Currency.Euro]: 1, [Currency.Dollar]: 1.1 };

abstract class Shelf<T extends Priced> {
  static opened = 0;
  #items: T[] = [];

  constructor(protected readonly label: string, ...items: T[]) {
    this.#items.push(...items);
    Shelf.opened++;
    access(touch('constructor'), done);
  }

  get total(): number {
    access(touch('getter'), done);
    return this.#items.reduce(
      (sum: number, item: T): number => {
        access(touch('arrow'), done);
        return sum + item.price;
      }, 0);
  }

  static reset(): void {
    access(touch('static'), done);
    Shelf.opened = 0;
  }

  abstract describe(currency: Currency): string;
}

export class Shop extends Shelf<Priced> {
  constructor() {
    super('books', { price: 3 }, { price: 4, name: 'atlas' });
  }

  describe(currency: Currency): string {
    access(touch('method'), done);
    return `${this.label}
      costs ${this.convert(currency)}
      ${currency}`;
  }

  private convert(currency: Currency): number {
    const rate = rates[currency] ?? 1;
    access(touch('private'), done);
    return Math.round(rate * 100) / 100;
  }
}

function* prices(count: number): Generator<number, void, undefined> {
  for (let i = 0; i < count; i++) {
    access(touch(i ? 'generator' : 'generator-first'), done);
    yield i;
  }
}

export function everySync(): number {
  const shop = new Shop();
  let sum = shop.total;
  Shop.reset();
  sum += shop.describe(Currency.Dollar).length;
  for (const price of prices(2)) sum += price as number;
  const closure = function inner<T>(value: T): T {
    access(touch('closure'), done);
    return value;
  };
  return closure<number>(sum);
}
