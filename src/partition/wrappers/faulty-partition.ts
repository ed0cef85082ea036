// Makes a partition slow, failing or lying on purpose, by chance or always: for tests, chaos runs and the simulator.
import type { Clock } from '../../base/clock.ts';
import { Fault, type HouseFault } from '../../base/fault.ts';
import type { Random } from '../../base/random.ts';
import type { ByteRange } from '../../base/range.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import { fraction } from '../backoff.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';
import { WrappedPackWriter } from './wrapped-pack-writer.ts';

export type FaultyOperation = 'open' | 'flush' | 'seal' | 'read' | 'remove' | 'list' | 'stat' | 'probe';

/** The first rule that fits an operation and whose dice say so decides; added latencies sum up. */
export interface FaultRule {
  /** All operations if left out. */
  readonly operations?: readonly FaultyOperation[];
  /** 1 if left out. */
  readonly probability?: number;
  readonly latencyMs?: number;
  /** On top of latencyMs, evenly spread between 0 and this. */
  readonly jitterMs?: number;
  readonly fault?: HouseFault;
  /** `before`: nothing happened (default); `after`: it happened and the answer was lost; reads: after their first bytes. */
  readonly when?: 'before' | 'after';
  /** Reads: one bit of the first bytes is flipped. */
  readonly corrupt?: boolean;
}

interface Verdict {
  readonly latencyMs: number;
  readonly before?: HouseFault;
  readonly after?: HouseFault;
  readonly corrupt: boolean;
}

export class FaultyPartition implements Partition {
  readonly #inner: Partition;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly readSmall?: Partition['readSmall'];
  /** May be changed while it runs: a partition goes down and comes back. */
  rules: readonly FaultRule[];

  constructor(inner: Partition, tools: { random: Random; clock: Clock; rules?: readonly FaultRule[] }) {
    this.#inner = inner;
    this.#random = tools.random;
    this.#clock = tools.clock;
    this.rules = tools.rules ?? [];
    if (inner.readSmall) this.readSmall = (...asked) => this.#readSmall(...asked);
  }

  get id(): PartitionId {
    return this.#inner.id;
  }

  async open(pack: PackId, bytesHint?: number): Promise<PackWriter> {
    const writer = await this.#around('open', () => this.#inner.open(pack, bytesHint));
    return new WrappedPackWriter(writer, (operation, _fresh, work) => this.#around(operation, work));
  }

  async *read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    const verdict = this.#roll('read');
    await this.#before(verdict, signal);
    let first = true;
    for await (const bytes of this.#inner.read(pack, ranges, signal)) {
      if (first && verdict.corrupt) bytes[this.#random.bytes(1)[0]! % bytes.length]! ^= 0x10;
      first = false;
      yield bytes;
      if (verdict.after) throw new Fault(verdict.after);
    }
  }

  remove(packs: readonly PackId[]): Promise<void> {
    return this.#around('remove', () => this.#inner.remove(packs));
  }

  async *list(after?: PackId): AsyncIterable<PackInfo> {
    const verdict = this.#roll('list');
    await this.#before(verdict);
    for await (const info of this.#inner.list(after)) {
      yield info;
      if (verdict.after) throw new Fault(verdict.after);
    }
  }

  stat(): Promise<PartitionStat> {
    return this.#around('stat', () => this.#inner.stat());
  }

  async probe(signal?: AbortSignal): Promise<Probe> {
    const startMs = this.#clock.monotonicMs();
    try {
      const probe = await this.#around('probe', () => this.#inner.probe(signal), signal);
      return { ...probe, latencyMs: this.#clock.monotonicMs() - startMs };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, latencyMs: this.#clock.monotonicMs() - startMs, message };
    }
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** A synchronous read can neither wait nor fail: wherever a rule touches reads it says "use read", which then rolls. */
  #readSmall(pack: PackId, offset: number, length: number, into: Buffer): number {
    const touched = this.rules.some(({ operations }) => operations === undefined || operations.includes('read'));
    return touched ? -1 : this.#inner.readSmall!(pack, offset, length, into);
  }

  async #around<T>(operation: FaultyOperation, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const verdict = this.#roll(operation);
    await this.#before(verdict, signal);
    const result = await work();
    if (verdict.after) throw new Fault(verdict.after);
    return result;
  }

  async #before({ latencyMs, before }: Verdict, signal?: AbortSignal): Promise<void> {
    if (latencyMs > 0) await this.#clock.sleep(latencyMs, signal);
    if (before) throw new Fault(before);
  }

  #roll(operation: FaultyOperation): Verdict {
    let latencyMs = 0;
    let decided: FaultRule | undefined;
    let corrupt = false;
    for (const rule of this.rules) {
      if (rule.operations && !rule.operations.includes(operation)) continue;
      if (fraction(this.#random) >= (rule.probability ?? 1)) continue;
      latencyMs += (rule.latencyMs ?? 0) + fraction(this.#random) * (rule.jitterMs ?? 0);
      corrupt ||= rule.corrupt ?? false;
      if (rule.fault) decided ??= rule;
    }
    const fault = decided?.fault;
    if (fault === undefined) return { latencyMs, corrupt };
    return decided?.when === 'after' ? { latencyMs, corrupt, after: fault } : { latencyMs, corrupt, before: fault };
  }
}
