// What is wanted of each partition: rows that change one decision at a time, each with what it was decided by.
import type { Clock } from '../../base/clock.ts';
import { reached } from '../../base/crash-points.ts';
import { secondMs } from '../../base/units.ts';
import type { Catalog, Change } from '../../catalog/catalog.ts';
import { keys } from '../../catalog/keys.ts';
import { encodePartition, type PartitionRow } from '../../catalog/records/partition.ts';
import type { PartitionId } from '../../model/ids.ts';
import type { WhoseWord } from '../../model/whose-word.ts';
import { begun, done, type Outcome, refused } from './outcome.ts';
import { type KnownPartition, type KnownPartitions, partitionRows } from './partition-rows.ts';
import { whatLiesThere } from './what-lies-there.ts';

export interface LiveDuty {
  readonly id: PartitionId;
  readonly duty: 'online' | 'draining' | 'offline' | 'retired';
}

export interface DutyDeps {
  readonly catalog: Catalog;
  /** Under the right of who leads; logged. */
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  /** Those that are in use, configured ones too. */
  readonly live: () => readonly LiveDuty[];
  /** This process takes rows in that have changed; the others do so within a second. */
  readonly look: () => Promise<void>;
  readonly clock: Clock;
}

export const said = (by: WhoseWord): Pick<PartitionRow, 'byOperator'> =>
  by === 'operator' ? { byOperator: true } : {};

/** Every process has taken in by then that a duty has changed, and what it was writing has a row. */
export const settledMs = 5 * secondMs;

export class PartitionDuties {
  readonly #deps: DutyDeps;
  #rows: KnownPartitions = new Map();
  /** Of two that drain, the second must see the first. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: DutyDeps) {
    this.#deps = deps;
  }

  rows(): KnownPartitions {
    return this.#rows;
  }

  of(id: PartitionId): LiveDuty['duty'] | undefined {
    return this.#deps.live().find((one) => one.id === id)?.duty;
  }

  /** How long it has been as it is; a clock that was set back hurries nobody for ever. */
  ageMs({ sinceMs }: PartitionRow): number {
    return Math.abs(this.#deps.clock.wallMs() - sinceMs);
  }

  /** One that takes nothing new any more. */
  bringBack(id: PartitionId, by: WhoseWord): Promise<Outcome> {
    return this.inTurn(async () => {
      const duty = this.of(id);
      const row = this.#rows.get(id);
      if (duty === undefined) return refused(`there is no partition ${id}`);
      if (duty === 'online') {
        const isNoted = row === undefined || (await this.#note(id, row, by));
        return isNoted ? done(`${id} is online already`) : changed(id);
      }
      if (by === 'plan' && row?.byOperator) return refused(`an operator wants ${id} to be ${duty}`);
      const next =
        row?.made === undefined ? undefined : ({ duty: 'online', sinceMs: 0, made: row.made, ...said(by) } as const);
      if (row !== undefined && !(await this.write(id, row, next))) return changed(id);
      const now = this.of(id);
      if (now === 'online') return done(`${id} is online again`);
      return refused(`the configuration says that ${id} is ${now}; change it there`);
    });
  }

  drain(id: PartitionId, by: WhoseWord): Promise<Outcome> {
    return this.inTurn(async () => {
      const duty = this.of(id);
      const row = this.#rows.get(id);
      if (duty === undefined) return refused(`there is no partition ${id}`);
      if (duty === 'draining') {
        const isNoted = row === undefined || (await this.#note(id, row, by));
        return isNoted ? done(`${id} is draining already`) : changed(id);
      }
      if (duty !== 'online') return refused(`${id} is ${duty}`);
      if (this.#deps.live().every((one) => one.id === id || one.duty !== 'online'))
        return refused(`${id} is the last partition that is online: nothing could be written any more`);
      if (!(await this.#change(id, 'draining', by))) return changed(id);
      reached('partition: draining, not said');
      return begun(`${id} takes nothing new any more; what it holds can move away`);
    });
  }

  retire(id: PartitionId, by: WhoseWord): Promise<Outcome> {
    return this.inTurn(async () => {
      const duty = this.of(id);
      if (duty === undefined) return refused(`there is no partition ${id}`);
      if (duty === 'retired') return done(`${id} is retired already`);
      if (duty !== 'draining') return refused(`${id} is ${duty}; a partition is drained before it is retired`);
      const row = this.#rows.get(id);
      if (row !== undefined && this.ageMs(row) < settledMs)
        return refused(`${id} began to drain a moment ago, which not every process may know; try again in 5 s`);
      const held = await whatLiesThere(this.#deps.catalog, id);
      if (held !== undefined) return refused(`${id} still holds ${held}`);
      if (!(await this.#change(id, 'retired', by))) return changed(id);
      reached('partition: retired, not said');
      return done(`${id} is retired`);
    });
  }

  /** `row` undefined: it goes. False: somebody else was quicker. */
  async write(id: PartitionId, before: KnownPartition | undefined, row: PartitionRow | undefined): Promise<boolean> {
    const key = keys.partition(id);
    const value = row && encodePartition({ ...row, sinceMs: this.#deps.clock.wallMs() });
    const change: Change = { checks: [[key, before?.version ?? 'absent']], writes: [[key, value]] };
    if ((await this.#deps.commit(change)) !== 'done') return false;
    await this.#read();
    return true;
  }

  async inTurn<T>(decide: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      await this.#read();
      return await decide();
    });
    this.#turn = mine.catch(() => {});
    return await mine;
  }

  #change(id: PartitionId, duty: PartitionRow['duty'], by: WhoseWord): Promise<boolean> {
    const row = this.#rows.get(id);
    return this.write(id, row, { duty, sinceMs: 0, ...said(by), ...(row?.made && { made: row.made }) });
  }

  /** An operator says what a plan has said: now it stands. */
  async #note(id: PartitionId, row: KnownPartition, by: WhoseWord): Promise<boolean> {
    return by === 'plan' || row.byOperator || (await this.write(id, row, { ...row, byOperator: true }));
  }

  async #read(): Promise<void> {
    this.#rows = await partitionRows(this.#deps.catalog);
    await this.#deps.look();
  }
}

export const changed = (id: PartitionId): Outcome =>
  refused(`somebody else changed ${id} at the same moment; look and try again`);
