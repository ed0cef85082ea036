// Who brings partitions online and takes them away: makes them from pools, lets them take nothing new, retires what is empty, and after a grace
// removes what a pool had made. Every step is a row first; what a crash leaves half done the next tick ends.
import { reached } from '../../base/crash-points.ts';
import { minuteMs, secondMs } from '../../base/units.ts';
import type { PartitionRow } from '../../catalog/records/partition.ts';
import type { PartitionId } from '../../model/ids.ts';
import type { WhoseWord } from '../../model/whose-word.ts';
import type { SeenPool, Step, UnderWay } from '../placement.ts';
import { begun, done, type Outcome, refused } from './outcome.ts';
import { changed, type DutyDeps, PartitionDuties, said, settledMs } from './partition-duties.ts';
import { makePartition, reasonOf } from './partition-maker.ts';
import type { KnownPartition, KnownPartitions } from './partition-rows.ts';
import type { Places, Pool } from './pools.ts';
import { whatLiesThere } from './what-lies-there.ts';

export interface PartitionActsOptions extends DutyDeps {
  readonly pools: () => readonly Pool[];
  readonly places: Places;
  /** So long what is retired stays where it is. */
  readonly graceMs: number;
  readonly onFailed: (partition: PartitionId, because: string) => void;
}

/** A pool that could not make a partition is left alone for so long, unless somebody asks for it by name. */
const restMs = 10 * minuteMs;

export class PartitionActs {
  readonly name = 'partitions';
  readonly everyMs = 1 * secondMs;
  readonly #options: PartitionActsOptions;
  readonly #duties: PartitionDuties;
  /** Being made or removed by this process. */
  readonly #working = new Map<PartitionId, Promise<Outcome>>();
  readonly #resting = new Map<string, { readonly untilMs: number; readonly because: string }>();

  constructor(options: PartitionActsOptions) {
    this.#options = options;
    this.#duties = new PartitionDuties(options);
  }

  /** Ends what was begun, and removes what has been retired for long enough. */
  async tick(): Promise<void> {
    const duties = this.#duties;
    await duties.inTurn(async () => {
      for (const [id, row] of duties.rows()) {
        if (this.#working.has(id)) continue;
        const ageMs = duties.ageMs(row);
        if (row.duty === 'coming') this.#work(id, () => this.#make(id, row));
        else if (row.duty === 'going' && ageMs >= settledMs) this.#work(id, () => this.#remove(id, row));
        else if (row.duty === 'retired' && row.made && ageMs >= this.#options.graceMs) await this.#letGo(id, row);
        // The configuration does not name it any more, and it holds nothing: else nobody would have started.
        else if (row.made === undefined && duties.of(id) === undefined) await duties.write(id, row, undefined);
      }
    });
  }

  /** Waits for nothing that takes long. */
  async carryOut(step: Step, by: WhoseWord = 'plan'): Promise<Outcome> {
    switch (step.kind) {
      case 'grow': {
        const rest = this.#restOf(step.pool);
        if (rest !== undefined) return refused(`pool ${step.pool} failed of late: ${rest.because}`);
        const grown = await this.#grow(step.pool, by);
        return 'outcome' in grown ? grown : begun(`${grown.id} is being made`);
      }
      case 'drain':
        return await this.#duties.drain(step.partition, by);
      case 'keep':
        return await this.#duties.bringBack(step.partition, by);
      case 'retire':
        return await this.#duties.retire(step.partition, by);
      default:
        return refused(`${step.kind} is not a matter of partitions`);
    }
  }

  /** From a pool, or one that takes nothing new any more: resolves when it is online or cannot be. */
  async add(name: string): Promise<Outcome> {
    const pools = this.#options.pools().map((pool) => pool.name);
    if (pools.includes(name)) {
      const grown = await this.#grow(name, 'operator');
      return 'outcome' in grown ? grown : await grown.made;
    }
    if (this.#duties.of(name) !== undefined) return await this.#duties.bringBack(name, 'operator');
    const there = pools.length === 0 ? 'the configuration names no pools' : `the pools are ${pools.join(', ')}`;
    return refused(`there is neither a pool nor a partition ${name}; ${there}`);
  }

  underWay(): readonly UnderWay[] {
    return [...this.rows()].flatMap(([partition, { duty, made }]): UnderWay[] => {
      if (duty === 'coming' && made !== undefined) return [{ kind: 'grow', pool: made.pool, partition }];
      return duty === 'draining' ? [{ kind: 'drain', partition }] : [];
    });
  }

  /** Those that rest after a failure have none left for now. */
  pools(): readonly SeenPool[] {
    return this.#options.pools().map((pool) => {
      const { name } = pool;
      const free = this.#freeNumbers(pool);
      const { capacity, made } = pool.member(free[0] ?? 1);
      const { capacityDomain, failureDomain } = made;
      const left = this.#restOf(name) === undefined ? free.length : 0;
      return { name, capacityDomain, failureDomain, capacity, left };
    });
  }

  rows(): KnownPartitions {
    return this.#duties.rows();
  }

  /** What is broken off goes on with whoever leads next. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#working.values());
  }

  async #grow(
    name: string,
    by: WhoseWord,
  ): Promise<Outcome | { readonly id: PartitionId; readonly made: Promise<Outcome> }> {
    const duties = this.#duties;
    return await duties.inTurn(async () => {
      const pool = this.#options.pools().find((each) => each.name === name);
      if (pool === undefined) return refused(`there is no pool ${name}`);
      const [number] = this.#freeNumbers(pool);
      if (number === undefined)
        return refused(`pool ${name} has made all of the ${pool.max} partitions that it may make`);
      const { id, made } = pool.member(number);
      const before = duties.rows().get(id);
      // One that was retired and is still there is as good as a new one.
      const coming: PartitionRow = { duty: 'coming', sinceMs: 0, made: before?.made ?? made, ...said(by) };
      if (!(await duties.write(id, before, coming))) return changed(id);
      reached('partition: noted');
      const row = duties.rows().get(id);
      return row === undefined ? changed(id) : { id, made: this.#work(id, () => this.#make(id, row)) };
    });
  }

  async #make(id: PartitionId, row: KnownPartition): Promise<Outcome> {
    const { places, clock, onFailed } = this.#options;
    const made = row.made!;
    const because = await makePartition(places, id, made);
    if (because === undefined) {
      if (!(await this.#write(id, row, { ...row, duty: 'online' }))) return changed(id);
      reached('partition: online, not said');
      this.#resting.delete(made.pool);
      return done(`${id} is online`);
    }
    this.#resting.set(made.pool, { untilMs: clock.monotonicMs() + restMs, because });
    onFailed(id, because);
    // It was retired, and a process that had stood still wrote there meanwhile.
    if ((await whatLiesThere(this.#options.catalog, id)) !== undefined) {
      await this.#write(id, row, { ...row, duty: 'draining' });
      return refused(`pool ${made.pool} cannot make ${id}: ${because}`);
    }
    // What cannot be removed either was there before, or cannot be reached: nobody uses it.
    await places.remove(id, made).catch(() => {});
    reached('partition: undone, row not');
    await this.#write(id, row, undefined);
    return refused(`pool ${made.pool} cannot make ${id}: ${because}`);
  }

  /** Looked at once more: a process that stood still may have written there after it was found empty. */
  async #letGo(id: PartitionId, row: KnownPartition): Promise<void> {
    const held = await whatLiesThere(this.#options.catalog, id);
    if (held !== undefined) this.#options.onFailed(id, `it was retired, but holds ${held}: it drains again`);
    await this.#duties.write(id, row, { ...row, duty: held === undefined ? 'going' : 'draining' });
    reached('partition: leaves');
  }

  async #remove(id: PartitionId, row: KnownPartition): Promise<Outcome> {
    const { places, onFailed } = this.#options;
    const inTheWay = await places.remove(id, row.made!).catch(reasonOf);
    reached('partition: removed, row not');
    if (inTheWay !== undefined) onFailed(id, `it is not removed: ${inTheWay}`);
    await this.#write(id, row, inTheWay === undefined ? undefined : { ...row, duty: 'retired' });
    return inTheWay === undefined ? done(`${id} is gone`) : refused(inTheWay);
  }

  #write(id: PartitionId, before: KnownPartition, row: PartitionRow | undefined): Promise<boolean> {
    return this.#duties.inTurn(() => this.#duties.write(id, before, row));
  }

  #work(id: PartitionId, work: () => Promise<Outcome>): Promise<Outcome> {
    const working = work().finally(() => this.#working.delete(id));
    working.catch((error) => this.#options.onFailed(id, reasonOf(error))); // the next tick goes on
    this.#working.set(id, working);
    return working;
  }

  #restOf(pool: string): { readonly because: string } | undefined {
    const rest = this.#resting.get(pool);
    return rest !== undefined && rest.untilMs > this.#options.clock.monotonicMs() ? rest : undefined;
  }

  /** Those of retired ones first. */
  #freeNumbers(pool: Pool): number[] {
    const rows = this.rows();
    const ids = Array.from({ length: pool.max }, (_, at) => [at + 1, pool.member(at + 1).id] as const);
    const retired = ids.filter(([, id]) => rows.get(id)?.duty === 'retired');
    const unused = ids.filter(([, id]) => rows.get(id) === undefined && this.#duties.of(id) === undefined);
    return [...retired, ...unused].map(([number]) => number);
  }
}
