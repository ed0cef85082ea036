// The disk runs full, by clients and by somebody else: reads and deletes go on, writes get a clear answer, nobody dies, and soon after
// there is room again everything is as before.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KiB, MiB } from '../../src/base/units.ts';
import type { Trial, TrialTools, Verdict } from '../support/trial.ts';
import { grouped, inSeconds, ofTotal, spreadOf } from './support/figures.ts';
import { Manifest, type State } from './support/manifest.ts';
import { openSmallDisk, type SmallDisk } from './support/small-disk.ts';
import { bodyOf, nameOf, stampHeader } from './support/stamps.ts';
import { judgeRead, verifyAll } from './support/verify.ts';
import { type Answer, makeBucket, openWire, textsOf, type Wire } from './support/wire.ts';
import { startWorld, type World } from './support/world.ts';

const bucket = 'full';
const connections = 6;
const workers = 2;
const diskBytes = 288 * MiB;
const foreignBytes = 96 * MiB;
/** In a row, each on a new connection: all is well again. */
const goodInARow = 10;
const normalMsMax = 10_000;
/** From so many cycles on every other one gets its room from deletes alone, which takes half a minute. */
const wholeCycles = 4;
const deletesGiveMsMax = 120_000;

export const diskFull: Trial = {
  name: 'disk-full',
  promise: 'On a full disk reads and deletes go on, writes get a clear error, and soon after it has room all is well',
  full: { cycles: 10 },
  short: { cycles: 1 },
  async run({ cycles = 0 }, tools) {
    const disk = await openSmallDisk(tools.dir, diskBytes);
    const world = await startWorld({
      dir: tools.dir,
      data: join(disk.path, 'data'),
      workers,
      partitions: 1,
      config: [`limits: { spaceReserve: ${disk.reserveBytes} }`],
    });
    const filling = new Filling(world, disk, tools);
    try {
      return await filling.run(cycles);
    } finally {
      disk.free();
      await world.stop();
      await disk.close();
    }
  },
};

class Filling {
  readonly #world: World;
  readonly #disk: SmallDisk;
  readonly #tools: TrialTools;
  readonly #wire: Wire;
  readonly #manifest: Manifest;
  /** In order of writing: what was written together lies together. */
  #keys: string[] = [];
  #stamps = 0;
  readonly #broken: string[] = [];
  readonly #refusals = new Map<string, number>();
  readonly #normalMs: number[] = [];
  #reads = { good: 0, all: 0 };
  #deletes = { good: 0, all: 0 };
  #refusedWhenFull = 0;
  #givenBack = 0;
  #verified = 0;

  constructor(world: World, disk: SmallDisk, tools: TrialTools) {
    this.#world = world;
    this.#disk = disk;
    this.#tools = tools;
    this.#wire = openWire(world, connections);
    this.#manifest = new Manifest(join(tools.dir, 'manifest.tsv'));
  }

  async run(cycles: number): Promise<Verdict> {
    await makeBucket(this.#wire, bucket);
    const before = await this.#world.allServe();
    for (let cycle = 0; cycle < cycles; cycle++) {
      const isByDeletes = cycles >= wholeCycles && cycle % 2 === 1;
      // Clients take everything, or somebody else takes the last hundred megabytes: what comes back must be more than the reserve.
      await this.#writeUntilRefused(isByDeletes ? 0 : foreignBytes + this.#disk.reserveBytes);
      this.#disk.fill();
      await this.#writeUntilRefused(0);
      await this.#whileFull();
      await (isByDeletes ? this.#waitForDeletes() : this.#disk.free());
      await this.#normalAgain(cycle);
      if (isByDeletes) this.#disk.free();
      const { wrong, keys } = await verifyAll(this.#world, bucket, this.#manifest);
      this.#verified += keys;
      this.#broken.push(...wrong.map(({ what }) => what));
      this.#tools.say(
        `cycle ${cycle + 1} of ${cycles}: ${grouped(keys)} keys, normal after ${this.#normalMs.at(-1)!.toFixed(0)} ms`,
      );
    }
    const after = await this.#world.allServe();
    if (after.restarts.workers + after.restarts.pilot > 0) {
      this.#broken.push(`processes died: ${JSON.stringify(after.restarts)}\n${this.#world.output().slice(-2_000)}`);
    }
    if (this.#refusedWhenFull === 0)
      this.#broken.push('no write was refused: the disk was not full, this proves nothing');
    const isSame = JSON.stringify(after.workers) === JSON.stringify(before.workers);
    this.#wire.close();
    this.#manifest.close();
    return {
      figures: [
        [
          'cycles',
          `${cycles}, on ${this.#disk.kind === 'tmpfs' ? `a tmpfs of ${diskBytes / MiB} MiB` : 'a disk with a near reserve'}`,
        ],
        ['reads while full', ofTotal(this.#reads.good, this.#reads.all)],
        ['deletes while full', ofTotal(this.#deletes.good, this.#deletes.all)],
        ['writes refused while full', String(this.#refusedWhenFull)],
        ['answers to refused writes', [...this.#refusals].map(([what, count]) => `${count} × ${what}`).join(', ')],
        ['given back by deletes alone', `${Math.round(this.#givenBack / MiB)} MiB`],
        ['from room to all writes done again', inSeconds(spreadOf(this.#normalMs))],
        ['keys read back after each cycle', grouped(this.#verified)],
        ['processes that ended', isSame ? '0' : JSON.stringify(after.restarts)],
      ],
      broken: this.#broken,
    };
  }

  async #writeUntilRefused(leaveBytes: number): Promise<void> {
    let refused = 0;
    const write = async (): Promise<void> => {
      while (refused < connections * 2 && this.#disk.freeBytes() >= leaveBytes) {
        if (!(await this.#put(this.#size()))) refused += 1;
      }
    };
    await Promise.all(Array.from({ length: connections }, write));
  }

  async #whileFull(): Promise<void> {
    const present = this.#keys.filter((key) => !this.#manifest.statesOf(key).has('absent'));
    // The older ones: whole packs of them die. The last of them last, while somebody else still takes every byte.
    const doomed = present.slice(0, Math.floor(present.length * 0.6));
    const trouble = async (): Promise<void> => {
      for (const size of [1, 10 * KiB, MiB, 12 * MiB]) {
        this.#disk.fill();
        if (!(await this.#put(size))) this.#refusedWhenFull += 1;
      }
      await this.#holdFull();
      await this.#tryPart();
      await this.#holdFull();
      await this.#tryCopy(present.at(-1)!);
    };
    const readAll = async (): Promise<void> => {
      for (const key of present) {
        const answer = await this.#wire.send({ method: 'GET', bucket, key });
        this.#reads.all += 1;
        const wrong = judgeRead(key, answer, this.#manifest.statesOf(key));
        if (wrong === undefined) this.#reads.good += 1;
        else this.#broken.push(`while full: ${wrong.what}`);
      }
    };
    await Promise.all([trouble(), readAll()]);
    for (const [at, key] of doomed.entries()) {
      if (at % 20 === 0) this.#disk.fill();
      this.#deletes.all += 1;
      if (await this.#change('DELETE', key, 'absent')) this.#deletes.good += 1;
      else this.#broken.push(`while full: ${key} could not be deleted`);
    }
    await trouble();
  }

  /** Upkeep makes room all the time, and workers look once a second when they write: until every worker has seen it full. */
  async #holdFull(): Promise<void> {
    for (let tenths = 0; tenths < 12; tenths++) {
      this.#disk.fill();
      if (tenths % 4 === 0) await Promise.all(Array.from({ length: connections }, () => this.#put(1)));
      await sleep(100);
    }
    this.#disk.fill();
  }

  async #waitForDeletes(): Promise<void> {
    const free = this.#disk.freeBytes();
    const deadlineMs = Date.now() + deletesGiveMsMax;
    const enough = this.#disk.reserveBytes + 16 * MiB;
    while (this.#disk.freeBytes() < enough && Date.now() < deadlineMs) await sleep(100);
    this.#givenBack += this.#disk.freeBytes() - free;
    if (this.#disk.freeBytes() < enough) {
      this.#broken.push(`deletes gave back ${this.#disk.freeBytes() - free} bytes in ${deletesGiveMsMax / 1000} s`);
      this.#disk.free();
    }
  }

  async #normalAgain(cycle: number): Promise<void> {
    const freedMs = performance.now();
    let firstGoodMs = freedMs;
    for (let good = 0; good < goodInARow; ) {
      if (good === 0) firstGoodMs = performance.now();
      this.#wire.dropConnections();
      good = (await this.#put(64 * KiB)) ? good + 1 : 0;
      if (performance.now() - freedMs > 6 * normalMsMax) break;
      if (good === 0) await sleep(50);
    }
    const tookMs = firstGoodMs - freedMs;
    this.#normalMs.push(tookMs);
    if (tookMs > normalMsMax) this.#broken.push(`cycle ${cycle}: ${tookMs.toFixed(0)} ms from room to normal`);
  }

  /** A part of an upload, which is then ended: its bytes are refused like any others. */
  async #tryPart(): Promise<void> {
    const key = 'upload';
    const made = await this.#wire.send({ method: 'POST', bucket, key, query: { uploads: '' } });
    const [uploadId] = textsOf(made.body, 'UploadId');
    if (uploadId === undefined) return this.#noteRefusal(made);
    this.#broken.push('an upload was begun on a full disk');
    const query = { partNumber: '1', uploadId };
    const body = Buffer.alloc(5 * MiB);
    const part = await this.#wire.send({ method: 'PUT', bucket, key, query, body }).catch((error: Error) => error);
    if (part instanceof Error) this.#broken.push(`a part got no answer: ${part.message}`);
    else if (part.status === 200) this.#broken.push('a part of 5 MiB was taken on a full disk');
    else this.#noteRefusal(part);
    const ended = await this.#wire.send({ method: 'DELETE', bucket, key, query: { uploadId } });
    if (ended.status !== 204) this.#broken.push(`while full: an upload could not be ended (${ended.status})`);
  }

  /** It needs no bytes, but rows: enough of them, and the catalog would have no room to delete any. */
  async #tryCopy(source: string): Promise<void> {
    const [state] = this.#manifest.statesOf(source);
    const headers = { 'x-amz-copy-source': `/${bucket}/${source}` };
    if (await this.#change('PUT', 'a copy', state!, { headers })) this.#broken.push('a copy was taken on a full disk');
  }

  async #put(size: number): Promise<boolean> {
    this.#stamps += 1;
    const stamped = { stamp: `full-${this.#stamps}`, size };
    const key = `object-${this.#stamps}`;
    this.#keys.push(key);
    const headers = { [stampHeader]: nameOf(stamped) };
    return await this.#change('PUT', key, nameOf(stamped), { headers, body: bodyOf(stamped) });
  }

  async #change(
    method: 'PUT' | 'DELETE',
    key: string,
    state: State,
    more: { headers?: Record<string, string>; body?: Buffer } = {},
  ): Promise<boolean> {
    this.#manifest.intend(key, state);
    const answer = await this.#wire.send({ method, bucket, key, ...more }).catch((error: Error) => error);
    if (answer instanceof Error) {
      this.#broken.push(`${method} ${key} got no answer: ${answer.message}`);
      this.#manifest.leaveOpen(key, state);
    } else if (answer.status < 300) this.#manifest.acknowledge(key, state);
    else {
      this.#noteRefusal(answer);
      this.#manifest.refuse(key, state);
    }
    return !(answer instanceof Error) && answer.status < 300;
  }

  /** Clear: 503 with a reason, and when to come again. */
  #noteRefusal({ status, headers, body }: Answer): void {
    const what = `${status} ${textsOf(body, 'Code')[0] ?? ''}`;
    this.#refusals.set(what, (this.#refusals.get(what) ?? 0) + 1);
    const isClear = status === 503 && headers['retry-after'] !== undefined && body.includes('full');
    if (!isClear) this.#broken.push(`an unclear refusal: ${status} ${body.subarray(0, 300)}`);
  }

  #size(): number {
    return Math.floor(200 * KiB + this.#tools.random() * 1.5 * MiB);
  }
}
