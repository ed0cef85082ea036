// Processes killed at random under writers: what was acknowledged stays, what was not leaves nothing behind, and the others serve on.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { grouped, inSeconds, ofTotal, spreadOf } from './support/figures.ts';
import { Manifest } from './support/manifest.ts';
import { abortUploads, verifyAll, type Wrong } from './support/verify.ts';
import { listAll, makeBucket, openWire } from './support/wire.ts';
import { isAlive, leftBehind, type Status, startWorld, untilTrue, type World } from './support/world.ts';
import { startWriters, type Writers } from './support/writers.ts';

const bucket = 'survivors';
const workers = 3;
/** Each round of kills has every kind once or more, in an order of its own. */
const kinds = ['worker', 'worker', 'worker', 'pilot', 'supervisor', 'all', 'worker', 'workers'] as const;
type Kind = (typeof kinds)[number];
/** The figures. Where CI shares its machine, waiting twenty times as long is still a pass. */
const replacedMsMax = 1_500;
const patience = 20;
/** From so many kills on the run takes its time: everything is deleted at the end, and not a byte may stay. */
const wholeKills = 100;

export const kills: Trial = {
  name: 'kills',
  promise: 'kill -9 of worker, pilot, supervisor or all of them, at random under writers, loses nothing acknowledged',
  full: { kills: 300, writers: 16 },
  short: { kills: 8, writers: 8 },
  run: (volumes, tools) => new Killing(volumes, tools).run(),
};

class Killing {
  readonly #volumes: Volumes;
  readonly #tools: TrialTools;
  readonly #manifest: Manifest;
  readonly #broken: string[] = [];
  readonly #wrong: Wrong[] = [];
  readonly #isWhole: boolean;
  #world!: World;
  #writers!: Writers;
  /** How often each worker's seat was hit since the supervisor started: only the first death is answered at once by design. */
  #hits = new Map<string, number>();
  #counts = { worker: 0, workers: 0, pilot: 0, supervisor: 0, all: 0 };
  #stops = 0;
  #withRequests = 0;
  #replacedMs: number[] = [];
  #unpreparedMs: number[] = [];
  #againMs: number[] = [];
  #restartMs: number[] = [];
  #servedMeanwhile: number[] = [];
  #verified = 0;

  constructor(volumes: Volumes, tools: TrialTools) {
    this.#volumes = volumes;
    this.#tools = tools;
    this.#manifest = new Manifest(join(tools.dir, 'manifest.tsv'));
    this.#isWhole = volumes.kills! >= wholeKills;
  }

  async run(): Promise<Verdict> {
    const { dir, seed, random, say } = this.#tools;
    const { kills: total = 0, writers = 0 } = this.#volumes;
    this.#world = await startWorld({ dir, workers });
    try {
      const wire = openWire(this.#world);
      await makeBucket(wire, bucket);
      this.#writers = startWriters({ target: this.#world, bucket, manifest: this.#manifest, writers, seed });
      let saidMs = Date.now();
      for (let at = 0; at < total; ) {
        for (const kind of shuffled(kinds, random).slice(0, total - at)) {
          await this.#kill(kind);
          at += 1;
          if (Date.now() - saidMs > 10_000) {
            say(`${at} of ${total} kills, ${grouped(this.#manifest.acknowledged)} writes acknowledged`);
            saidMs = Date.now();
          }
        }
        if (this.#isWhole && at % 50 < kinds.length) await this.#verify();
      }
      await this.#verify();
      await this.#writers.stop();
      this.#broken.push(...this.#writers.broken);
      await abortUploads(wire, bucket);
      if (this.#isWhole) await this.#deleteAll();
      const left = await this.#world.settled({ drops: this.#isWhole });
      this.#broken.push(...left.map((what) => `left behind: ${what}`));
      wire.close();
      return await this.#verdict();
    } finally {
      await this.#world.stop();
      this.#manifest.close();
    }
  }

  async #kill(kind: Kind): Promise<void> {
    const { random } = this.#tools;
    await this.#world.allServe();
    // Every other time the machine has been left in peace for long enough that somebody stands by.
    if (kind === 'worker' && this.#counts.worker % 2 === 0) await this.#standby();
    await sleep(200 + random() * (this.#isWhole ? 1300 : 500));
    const status = await this.#world.status();
    const stopped = random() < 0.3 ? this.#stopOne(status) : undefined;
    if (this.#writers.inFlight > 0) this.#withRequests += 1;
    this.#counts[kind] += 1;
    const killedMs = performance.now();
    const answered = this.#writers.answered;
    if (kind === 'supervisor' || kind === 'all') {
      const { workers: crew, pilot } = status;
      const children = kind === 'all' ? [pilot!, ...crew].map(({ pid }) => pid) : [];
      for (const pid of shuffled([this.#world.supervisorPid(), ...children], random)) this.#world.kill(pid);
      this.#restartMs.push(await this.#world.restart());
      this.#hits.clear();
      await stopped;
      return;
    }
    const one = this.#victim(status);
    const victims = kind === 'pilot' ? [status.pilot!] : kind === 'workers' ? status.workers : [one];
    for (const { pid } of victims) this.#world.kill(pid);
    await stopped;
    await untilTrue(
      async () => {
        const now = await this.#world.status();
        const living = [...now.workers, ...(now.pilot === undefined ? [] : [now.pilot])];
        return living.length === workers + 1 && !living.some(({ pid }) => victims.some((victim) => victim.pid === pid));
      },
      `a process in the place of ${kind}`,
      60_000,
    );
    if (kind !== 'worker') return;
    const hits = this.#hits.get(one.name) ?? 0;
    this.#hits.set(one.name, hits + 1);
    if (stopped !== undefined) return;
    const times = hits > 0 ? this.#againMs : status.standby ? this.#replacedMs : this.#unpreparedMs;
    times.push(performance.now() - killedMs);
    this.#servedMeanwhile.push(this.#writers.answered - answered);
  }

  #standby(): Promise<void> {
    return untilTrue(async () => (await this.#world.status()).standby, 'a process that stands by', 60_000);
  }

  /** Whose seat was hit least. */
  #victim({ workers: crew }: Status): Status['workers'][number] {
    const hits = (name: string): number => this.#hits.get(name) ?? 0;
    return shuffled(crew, this.#tools.random).sort((a, b) => hits(a.name) - hits(b.name))[0]!;
  }

  /** Somebody stands still for a moment, while others are killed or itself. */
  async #stopOne({ pid, pilot, workers: crew }: Status): Promise<void> {
    const { random } = this.#tools;
    const all = [pid, pilot!.pid, ...crew.map((worker) => worker.pid)];
    const chosen = all[Math.floor(random() * all.length)]!;
    if (this.#world.kill(chosen, 'SIGSTOP')) this.#stops += 1;
    await sleep(100 + random() * 1400);
    if (isAlive(chosen)) this.#world.kill(chosen, 'SIGCONT');
  }

  async #verify(): Promise<void> {
    await this.#writers.pause();
    await this.#world.allServe();
    const { wrong, keys, objects } = await verifyAll(this.#world, bucket, this.#manifest);
    this.#tools.say(`verified ${grouped(keys)} keys, ${grouped(objects)} objects: ${wrong.length} wrong`);
    this.#wrong.push(...wrong);
    this.#broken.push(...wrong.map(({ what }) => what));
    this.#verified += keys;
    this.#writers.resume();
  }

  /** Then nothing of anybody may be left, and what blocks take must come back to nothing. */
  async #deleteAll(): Promise<void> {
    const wire = openWire(this.#world, 8);
    const keys = [...(await listAll(wire, bucket)).keys()];
    await Promise.all(keys.map((key) => wire.send({ method: 'DELETE', bucket, key })));
    wire.close();
    await this.#world.settled();
    for (const [id, { liveBytes }] of Object.entries((await this.#world.census()).partitions)) {
      if (liveBytes !== 0) this.#broken.push(`${liveBytes} bytes of ${id} are still held after everything was deleted`);
    }
  }

  async #verdict(): Promise<Verdict> {
    const { acknowledged, open } = this.#manifest;
    const lost = (...wanted: Wrong['kind'][]): number => this.#wrong.filter(({ kind }) => wanted.includes(kind)).length;
    const replaced = spreadOf(this.#replacedMs);
    const limitMs = this.#isWhole ? replacedMsMax : replacedMsMax * patience;
    if (replaced.max > limitMs)
      this.#broken.push(`a killed worker was replaced after ${replaced.max.toFixed(0)} ms only`);
    if (this.#withRequests === 0) this.#broken.push('no kill hit while a request was under way: this proves nothing');
    if (open === 0) this.#broken.push('no answer was lost: this proves nothing');
    const served = spreadOf(this.#servedMeanwhile);
    if (served.count > 0 && served.max === 0) this.#broken.push('nobody served while a worker was away');
    const { worker, workers: crews, pilot, supervisor, all } = this.#counts;
    const left = leftBehind(await this.#world.census(), this.#isWhole);
    return {
      figures: [
        [
          'kills',
          `${worker + crews + pilot + supervisor + all}: ${worker} of one worker, ${crews} of all workers, ${pilot} of the pilot, ${supervisor} of the supervisor, ${all} of everything; ${this.#stops} processes stopped for a moment besides`,
        ],
        [
          'kills that hit while requests were under way',
          ofTotal(this.#withRequests, worker + crews + pilot + supervisor + all),
        ],
        ['writes acknowledged', grouped(acknowledged)],
        ['writes whose answer was lost', grouped(open)],
        ['keys read back and compared, all rounds', grouped(this.#verified)],
        ['acknowledged and lost', ofTotal(lost('lost', 'unreadable', 'unlisted'), acknowledged)],
        ['torn', ofTotal(lost('torn'), acknowledged)],
        ['changed', ofTotal(lost('changed'), acknowledged)],
        ['left behind in the end', left.length === 0 ? 'nothing' : left.join(', ')],
        ['a killed worker replaced', inSeconds(replaced)],
        [
          'before the next process stood by (it is started once all serve again)',
          inSeconds(spreadOf(this.#unpreparedMs)),
        ],
        ['the same seat again within 10 s (a pause is meant)', inSeconds(spreadOf(this.#againMs))],
        ['requests served meanwhile by the others', `${served.p50} (median per kill)`],
        ['start after a kill of the supervisor or all, until ready', inSeconds(spreadOf(this.#restartMs))],
      ],
      broken: this.#broken,
    };
  }
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const left = [...values];
  return values.map(() => left.splice(Math.floor(random() * left.length), 1)[0]!);
}
