// A fleet as large as echogate is meant for, in a catalog: areas with homes and a block each, minutes in which each is asked something, and a forecast.
// Loads differ by area and drift from minute to minute; a few partitions come to more than they can do.

import { seededRandom } from '../../src/base/random.ts';
import type { Catalog, Write } from '../../src/catalog/catalog.ts';
import { keys } from '../../src/catalog/keys.ts';
import { encodeArea } from '../../src/catalog/records/area.ts';
import { encodeBlock } from '../../src/catalog/records/block.ts';
import { encodeUsage } from '../../src/catalog/records/delta.ts';
import { encodeDemandBin } from '../../src/catalog/records/demand-bin.ts';
import type { FleetForecast } from '../../src/forecast/forecast.ts';
import type { Capacity } from '../../src/model/capacity.ts';
import type { Echo } from '../../src/model/echo.ts';
import { type Flows, flows, noFlows } from '../../src/model/load.ts';
import type { PartitionPlace } from '../../src/pilot/read-view.ts';
import { quantileLevels } from '../../src/placement/placement.ts';
import { type HeatedBlock, heatedMax, heatHalfLifeSec } from '../../src/telemetry/counter-store.ts';

const bucket = '0b'.repeat(16);
const blockBytes = 8 * 1024 * 1024;
const stepSec = 300;
const rowsPerCommit = 1000;
/** Of what a partition can do, on average. */
const utilisation = 0.6;
/** One in so many areas is read many times as often as the others. */
const hotEvery = 997;
const minutesKept = 6;

export class LargeFleet {
  readonly steps = 12;
  readonly clock = {
    nowSec: 1_800_000_030,
    wallMs: () => this.clock.nowSec * 1000,
    monotonicMs: () => performance.now(),
  };
  readonly places: readonly PartitionPlace[];
  readonly capacities: ReadonlyMap<string, Capacity>;
  readonly #catalog: Catalog;
  readonly #areas: readonly { readonly id: string; readonly partition: string; readonly flows: Flows }[];
  #forecast: FleetForecast | undefined;

  constructor(catalog: Catalog, partitions: number, areas: number) {
    const random = seededRandom('a large fleet');
    const draw = (): number => random.bytes(4).readUInt32BE() / 2 ** 32;
    this.#catalog = catalog;
    this.places = Array.from({ length: partitions }, (_, at) => {
      const id = `p${at + 1}`;
      return { id, capacityDomain: id, failureDomain: id, duty: 'online', isUp: true, freeBytes: 1e12 };
    });
    this.#areas = Array.from({ length: areas }, (_, at) => {
      const readOps = (1 + 2 * draw()) * (at % hotEvery === 0 ? 20 : 1);
      const of = { readOps, writeOps: readOps / 4, readBytes: readOps * 65_536, writeBytes: readOps * 16_384 };
      return {
        id: at.toString(16).padStart(32, '0'),
        partition: this.places[Math.floor(draw() * partitions)]!.id,
        flows: of,
      };
    });
    const each = this.#areas.reduce((sum, area) => sum + area.flows.readOps, 0) / partitions / utilisation;
    const load = { readOps: each, writeOps: each / 2 };
    this.capacities = new Map(this.places.map(({ id }) => [id, { load, confidence: 1, source: 'quota' }]));
  }

  async make(): Promise<void> {
    const stored = new Map<string, number>();
    await this.#write(
      this.#areas.flatMap(({ id, partition }, at): Write[] => {
        stored.set(partition, (stored.get(partition) ?? 0) + blockBytes);
        const block = { partition, pack: id, offset: 0, length: blockBytes, sliceCrcs: [1], area: id, generation: 0 };
        return [
          [
            keys.area(bucket, `key-${String(at).padStart(8, '0')}`),
            encodeArea({ id, homes: [{ partition, weight: 1 }] }),
          ],
          [keys.block(id), encodeBlock(block)],
        ];
      }),
    );
    await this.#write(
      this.places.map(
        ({ id }): Write => [keys.usage('partition', id), encodeUsage({ objects: 0, bytes: stored.get(id) ?? 0 })],
      ),
    );
    for (let ago = minutesKept; ago > 0; ago--) await this.#measure(Math.floor(this.clock.nowSec / 60) * 60 - ago * 60);
  }

  /** A minute is over, and has been counted. */
  async nextMinute(): Promise<void> {
    await this.#measure(Math.floor(this.clock.nowSec / 60) * 60);
    this.clock.nowSec += 60;
  }

  forecast() {
    const originSec = Math.floor(this.clock.nowSec / stepSec) * stepSec - stepSec;
    if (this.#forecast?.originSec !== originSec) this.#forecast = this.#foresee(originSec);
    return { forecast: this.#forecast, because: '' };
  }

  /** As the sketch tells them apart: as many as it can, the hottest first. Half of their areas' reads are theirs. */
  hottest(): HeatedBlock[] {
    return [...this.#areas]
      .sort((a, b) => b.flows.readOps - a.flows.readOps)
      .slice(0, heatedMax)
      .map(({ id, flows: of }) => ({ block: id, area: id, heat: (of.readOps / 2) * (heatHalfLifeSec / Math.LN2) }));
  }

  /** Every second one has two. */
  echoesOf(blocks: readonly string[]): ReadonlyMap<string, readonly Echo[]> {
    const echo = { state: 'ready', length: blockBytes, sinceMs: 0, isPinned: false } as const;
    const at = (place: number): string => this.places[place % this.places.length]!.id;
    return new Map(
      blocks
        .filter((_, place) => place % 2 === 0)
        .map((block, place) => [block, [place, 7 * place + 1].map((to) => ({ ...echo, block, partition: at(to) }))]),
    );
  }

  async #measure(startSec: number): Promise<void> {
    const demand = this.#areas.map(({ id, partition, flows: of }, at) => {
      const factor = 60 * driftOf(at, startSec);
      return { area: id, partition, ...scaled(of, factor) };
    });
    await this.#write([[keys.demandBin(60, startSec), encodeDemandBin({ startSec, seconds: 60, demand, served: [] })]]);
  }

  #foresee(originSec: number): FleetForecast {
    const values = new Float64Array(this.#areas.length * flows.length * this.steps);
    const sums = new Map(this.places.map(({ id }) => [id, { ...noFlows } as Record<keyof Flows, number>]));
    const shares = new Map<string, Map<string, Flows>>();
    const whole = { readOps: 1, writeOps: 1, readBytes: 1, writeBytes: 1 };
    this.#areas.forEach(({ id, partition, flows: of }, place) => {
      const sum = sums.get(partition)!;
      shares.set(id, new Map([[partition, whole]]));
      flows.forEach((flow, at) => {
        sum[flow] += of[flow];
        values.fill(of[flow], (place * flows.length + at) * this.steps, (place * flows.length + at + 1) * this.steps);
      });
    });
    const rowsOf = (middle: number): number[][] =>
      Array.from({ length: this.steps }, () => quantileLevels.map((level) => middle * (1 + 0.4 * (level - 0.5))));
    const forecastOf = (of: Flows) =>
      flows.map((flow) => {
        const steps = rowsOf(of[flow]);
        return {
          flow,
          horizon: this.steps,
          steps,
          mean: steps[0]!,
          max: steps[0]!,
          weights: {},
          state: 'sound' as const,
          because: [],
        };
      });
    const all = { ...noFlows } as Record<keyof Flows, number>;
    for (const sum of sums.values()) for (const flow of flows) all[flow] += sum[flow];
    const fleet = Object.fromEntries(flows.map((flow) => [flow, rowsOf(all[flow])]));
    return {
      ...{ originSec, stepSec, scores: [], crossings: [] },
      partitions: new Map([...sums].map(([id, of]) => [id, forecastOf(of)])),
      expected: { steps: this.steps, areas: this.#areas.map(({ id }) => id), values, shares, fleet },
    };
  }

  async #write(writes: readonly Write[]): Promise<void> {
    for (let at = 0; at < writes.length; at += rowsPerCommit)
      await this.#catalog.commit({ checks: [], writes: writes.slice(at, at + rowsPerCommit) });
  }
}

const scaled = (of: Flows, factor: number): Flows => ({
  readOps: Math.round(of.readOps * factor),
  writeOps: Math.round(of.writeOps * factor),
  readBytes: Math.round(of.readBytes * factor),
  writeBytes: Math.round(of.writeBytes * factor),
});

/** Up and down by a tenth within an hour, each area at its own time. */
const driftOf = (area: number, sec: number): number => 1 + 0.1 * Math.sin(area + (2 * Math.PI * sec) / 3600);
