// This session's pack rows: reserved in ranges before any byte is written, so that every pack on a partition has a known
// owner, and marked sealed in the background once no unfinished write can still refer to them.
import type { Clock } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { type Random, randomId } from '../base/random.ts';
import type { Catalog, Write } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodePack, encodePack, type PackRow } from '../catalog/records/pack.ts';
import type { AreaId, PackId, PartitionId } from '../model/ids.ts';
import type { Session } from './session.ts';

export type Holds = PackRow['holds'];

export interface SealedPack {
  readonly pack: PackId;
  readonly bytes: number;
  readonly areaPure?: AreaId;
}

const rangeSize = 32;
const refillBelow = 8;

const stockName = (partition: PartitionId, holds: Holds): string => `${holds} ${partition}`;

interface Stock {
  readonly ids: PackId[];
  refill?: Promise<void>;
}

export class PackLedger {
  readonly #catalog: Catalog;
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #stocks = new Map<string, Stock>();
  #sealed: SealedPack[] = [];
  #sealing: Promise<void> | undefined;

  constructor(deps: { catalog: Catalog; session: Session; clock: Clock; random: Random }) {
    this.#catalog = deps.catalog;
    this.#session = deps.session;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** The id of a pack that nobody else will ever write. */
  async take(partition: PartitionId, holds: Holds = 'blocks'): Promise<PackId> {
    const stock = this.#stock(partition, holds);
    for (;;) {
      if (stock.ids.length < refillBelow && holds === 'blocks') this.#refill(stock, partition, holds, rangeSize);
      const id = stock.ids.shift();
      if (id !== undefined) return id;
      await this.#refill(stock, partition, holds, holds === 'blocks' ? rangeSize : 1);
    }
  }

  /** Of a pack that could not be opened: else every try while a partition is down would leave a row. */
  giveBack(pack: PackId, partition: PartitionId, holds: Holds): void {
    this.#stock(partition, holds).ids.push(pack);
  }

  /** The row follows soon; until then the pack counts as still being written, which is safe. */
  sealed(pack: SealedPack): void {
    this.#sealed.push(pack);
    this.#writeSoon();
  }

  /** The ids that wait for packs of a partition; one that writes there all the same takes new ones. */
  async handBack(partition: PartitionId): Promise<void> {
    for (const holds of ['blocks', 'log', 'checkpoint', 'echo'] as const) {
      const unused = this.#stocks.get(stockName(partition, holds))?.ids.splice(0) ?? [];
      await this.#removeRows(unused);
    }
  }

  /** For whom ids wait; moves take some without a shelf of their own. */
  waitingFor(): ReadonlySet<PartitionId> {
    const names = [...this.#stocks].filter(([, { ids }]) => ids.length > 0).map(([name]) => name);
    return new Set(names.map((name) => name.slice(name.indexOf(' ') + 1)));
  }

  /** Writes what is left to be written and hands unused ids back. */
  async close(): Promise<void> {
    while (this.#sealing !== undefined) await this.#sealing;
    await this.#writeSealed();
    await this.#removeRows([...this.#stocks.values()].flatMap((stock) => stock.ids.splice(0)));
  }

  async #removeRows(unused: readonly PackId[]): Promise<void> {
    for (let at = 0; at < unused.length; at += 500) {
      const writes = unused.slice(at, at + 500).map((id): Write => [keys.pack(id), undefined]);
      await this.#commit(writes);
    }
  }

  #writeSoon(): void {
    if (this.#sealing !== undefined || this.#sealed.length === 0) return;
    const written = this.#writeSealed().then(
      () => true,
      () => false, // the rows stay listed and are tried again with the next pack
    );
    this.#sealing = written.then((isWritten) => {
      this.#sealing = undefined;
      if (isWritten) this.#writeSoon();
    });
  }

  #stock(partition: PartitionId, holds: Holds): Stock {
    const name = stockName(partition, holds);
    const stock = this.#stocks.get(name) ?? { ids: [] };
    this.#stocks.set(name, stock);
    return stock;
  }

  #refill(stock: Stock, partition: PartitionId, holds: Holds, count: number): Promise<void> {
    stock.refill ??= this.#reserve(partition, holds, count)
      .then((ids) => {
        stock.ids.push(...ids);
      })
      .finally(() => {
        stock.refill = undefined;
      });
    stock.refill.catch(() => {}); // an early refill that failed is tried again by whoever needs an id
    return stock.refill;
  }

  async #reserve(partition: PartitionId, holds: Holds, count: number): Promise<PackId[]> {
    const ids = Array.from({ length: count }, () => randomId(this.#random));
    const changedMs = this.#clock.steadyMs();
    const row = encodePack({ partition, state: 'reserved', holds, session: this.#session.id, bytes: 0, changedMs });
    await this.#commit(ids.map((id): Write => [keys.pack(id), row]));
    reached('pack rows: reserved');
    return ids;
  }

  async #writeSealed(): Promise<void> {
    while (this.#sealed.length > 0) {
      const batch = this.#sealed.slice(0, 200);
      const changedMs = this.#clock.steadyMs();
      const writes: Write[] = [];
      for (const { pack, bytes, areaPure } of batch) {
        const row = await this.#catalog.get(keys.pack(pack));
        const reserved = row && decodePack(row.value);
        if (reserved?.state !== 'reserved') continue;
        const sealed: PackRow = {
          ...reserved,
          state: 'sealed',
          bytes,
          changedMs,
          ...(areaPure === undefined ? undefined : { areaPure }),
        };
        writes.push([keys.pack(pack), encodePack(sealed)]);
      }
      reached('pack rows: before sealing');
      await this.#commit(writes);
      this.#sealed = this.#sealed.filter((pack) => !batch.includes(pack));
    }
  }

  /** Only the owner writes rows of its reserved packs, so its session is all that needs a check. */
  async #commit(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return;
    if ((await this.#catalog.commit({ checks: [this.#session.check()], writes })) === 'done') return;
    await this.#session.assertOwn();
    throw new Error('a commit that checks only its own session conflicted');
  }
}
