// One server that dies again and again where it is told to: the order is written, its point is driven at until a process has taken the
// order and died, then everything is read back. Its upkeep hurries, so that what a crash leaves behind is gone within seconds.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MiB } from '../../../src/base/units.ts';
import type { CrashOrder } from '../../../src/compose/arm-crash-points.ts';
import type { StepsOrder } from '../../../src/compose/trial-steps.ts';
import { CrashDeeds, type Shelf } from './crash-deeds.ts';
import { abortUploads, verifyAll } from './verify.ts';
import { makeBucket, openWire, type Wire } from './wire.ts';
import { isAlive, startWorld, untilTrue, type World, type WorldOptions } from './world.ts';

export interface LaneOptions {
  readonly dir: string;
  readonly seed: number;
  readonly world?: Partial<WorldOptions>;
}

interface FsckSaid {
  readonly failed?: string;
  readonly left?: readonly { readonly name: string; readonly broken: number; readonly examples: readonly string[] }[];
}

export interface Death {
  /** Undefined: nobody reached the point in time. */
  readonly pid: number | undefined;
  /** Each a sentence. */
  readonly wrong: readonly string[];
}

const upkeep = {
  readMarginMs: 200,
  dropMarginMs: 300,
  areaBytesMin: 1 * MiB,
  checkpointEveryMs: 1500,
  settledMs: 300,
  everyMsMax: 250,
};

/** After so many the supervisor takes its time before it starts another in the same place: then all is started anew. */
const deathsMax = { worker: 12, pilot: 7 } as const;
const reachMsMax = 150_000;
const settleMsMax = 90_000;
const silentSecondsMax = 50;

/** One that makes partitions, and one that cannot: its place is inside a file. */
const poolsIn = (data: string): string[] => [
  'retired: { grace: 0s }',
  'pools:',
  `  - { name: spare, directory: "${join(data, 'spare-{n}')}", capacityDomain: spare, max: 20 }`,
  `  - { name: broken, directory: "${join(data, 'admin-token', '{n}')}" }`,
];

export class CrashLane {
  readonly world: World;
  readonly deeds: CrashDeeds;
  readonly #wire: Wire;
  readonly #orders: string;
  readonly #dir: string;
  readonly #env: NodeJS.ProcessEnv;
  #deaths = { worker: 0, pilot: 0 };
  /** Of the whole server, to give it a fresh start. */
  restarts = 0;
  objectsRead = 0;

  static async start({ dir, seed, world: options = {} }: LaneOptions): Promise<CrashLane> {
    const orders = join(dir, 'orders');
    mkdirSync(orders, { recursive: true });
    const env = {
      ECHOGATE_TRIAL: JSON.stringify({ crashFile: join(orders, 'crash'), stepsFile: join(orders, 'steps'), upkeep }),
    };
    // p3 takes no data, so that it can be made anew again and again.
    const spare = `  - { id: p3, directory: ${join(dir, 'data', 'p3')}, failureDomain: domain3, duty: draining }`;
    const world = await startWorld({
      dir,
      workers: 2,
      config: [spare, ...poolsIn(join(dir, 'data'))],
      ...options,
      env: { ...options.env, ...env },
    });
    const lane = new CrashLane(world, orders, dir, seed, options.env ?? {});
    for (const { bucket } of lane.deeds.shelves) await makeBucket(lane.#wire, bucket);
    await lane.deeds.prepare();
    return lane;
  }

  private constructor(world: World, orders: string, dir: string, seed: number, env: NodeJS.ProcessEnv) {
    this.world = world;
    this.#dir = dir;
    this.#env = env;
    this.#orders = orders;
    this.#wire = openWire(world, 16);
    this.deeds = new CrashDeeds(this.#wire, dir, seed);
  }

  /** Lets one process die at the point and reads everything back. */
  async crash(order: CrashOrder, drive: (lane: CrashLane, round: number) => Promise<void>): Promise<Death> {
    const { worker, pilot } = this.#deaths;
    if (worker >= deathsMax.worker || pilot >= deathsMax.pilot) await this.startAnew();
    await this.ready();
    const file = this.#order('crash', order);
    const lateMs = Date.now() + reachMsMax;
    let pid: number | undefined;
    for (let round = 0; pid === undefined; round++) {
      if (Date.now() > lateMs) {
        rmSync(file);
        return { pid: undefined, wrong: [] };
      }
      await drive(this, round);
      pid = this.#taken();
      if (pid === undefined) await sleep(20);
    }
    this.#deaths[order.role] += 1;
    const died = pid;
    await untilTrue(() => !isAlive(died), `the end of process ${died}`);
    rmSync(join(this.#orders, `crash.${died}`));
    return { pid, wrong: await this.verify() };
  }

  /** The pilot carries it out, whatever it plans; one that is dead takes it when it is there again. */
  steps(order: StepsOrder): void {
    this.#order('steps', order);
  }

  #order(name: string, order: object): string {
    const file = join(this.#orders, name);
    writeFileSync(`${file}.draft`, JSON.stringify(order));
    renameSync(`${file}.draft`, file);
    return file;
  }

  #taken(): number | undefined {
    const [taken] = readdirSync(this.#orders).filter((name) => /^crash\.\d+$/.test(name));
    return taken === undefined ? undefined : Number(taken.slice('crash.'.length));
  }

  /** What was acknowledged is there; what was under way is there wholly or not at all. */
  async verify(): Promise<string[]> {
    await untilTrue(() => this.#answers(), 'a worker that answers', 60_000);
    const { objects, versions } = this.deeds;
    const wrong = [...(await this.#read(objects)), ...(await this.#read(versions)), ...(await this.deeds.verifyTags())];
    return [...wrong, ...this.deeds.takeWrong()];
  }

  /** Everything that a crash left open is brought to its end, and nothing is left behind. */
  async settle(): Promise<string[]> {
    await this.ready();
    await this.deeds.finishOpen();
    await abortUploads(this.#wire, this.deeds.uploads.bucket);
    const left = await this.#settled();
    const wrong = [...(await this.verify()), ...(await this.#read(this.deeds.uploads))];
    return [...wrong, ...left.map((what) => `left behind: ${what}`)];
  }

  /** The worker that counts may be one that is just being replaced. */
  async #settled(tries = 5): Promise<readonly string[]> {
    try {
      return await this.world.settled({ msMax: settleMsMax });
    } catch (error) {
      if (tries === 0) throw error;
      await sleep(500);
      return await this.#settled(tries - 1);
    }
  }

  /** A connection may be lost with the process that dies just now; one that stays silent is a mistake. */
  async #read({ bucket, manifest }: Shelf, tries = 3): Promise<string[]> {
    const startedMs = performance.now();
    try {
      const { wrong, objects } = await verifyAll(this.world, bucket, manifest);
      this.objectsRead += objects;
      return wrong.map(({ what }) => `${bucket}/${what}`);
    } catch (error) {
      const seconds = (performance.now() - startedMs) / 1000;
      const silent = seconds > silentSecondsMax ? [`${bucket}: silence for ${seconds} s (${error})`] : [];
      if (tries === 0) throw error;
      return [...silent, ...(await this.#read({ bucket, manifest }, tries - 1))];
    }
  }

  /** `kill -9` of one of its processes, by us. */
  async kill(role: 'worker' | 'pilot'): Promise<void> {
    const { workers, pilot } = await this.world.status();
    const pid = role === 'pilot' ? pilot?.pid : workers[Math.floor(this.deeds.random() * workers.length)]?.pid;
    if (pid === undefined || !this.world.kill(pid)) return;
    this.#deaths[role] += 1;
  }

  /** All processes at once; `between` is done while none runs. */
  async startAnew(between: () => void = () => {}): Promise<void> {
    const { workers, pilot } = await this.world.status().catch(() => ({ workers: [], pilot: undefined }));
    const children = [...workers.map((each) => each.pid), ...(pilot === undefined ? [] : [pilot.pid])];
    this.world.kill(this.world.supervisorPid());
    await untilTrue(() => children.every((pid) => !isAlive(pid)), 'the children to end with their supervisor');
    between();
    await this.world.restart();
    this.#deaths = { worker: 0, pilot: 0 };
    this.restarts += 1;
  }

  /** A partition that holds nothing yet is claimed at this start. */
  async startWithNewPartition(): Promise<void> {
    await this.startAnew(() => rmSync(join(this.world.data, 'p3'), { recursive: true, force: true }));
  }

  /** SIGTERM, and a new start. */
  async drainAndStart(): Promise<void> {
    await this.world.stop();
    await this.world.start();
    this.#deaths = { worker: 0, pilot: 0 };
    this.restarts += 1;
  }

  async ready(): Promise<void> {
    await this.world.allServe();
  }

  async #answers(): Promise<boolean> {
    const { status } = await this.#wire.send({ method: 'HEAD', bucket: this.deeds.objects.bucket });
    return status === 200;
  }

  async stop(): Promise<void> {
    await this.world.stop();
    this.#wire.close();
    this.deeds.close();
  }

  /** What `echogate fsck --deep` says once it has stopped. */
  async fsck(): Promise<string[]> {
    const args = ['bin/echogate.js', 'fsck', '--config', join(this.#dir, 'echogate.yaml'), '--deep', '--json'];
    const env = { ...process.env, ...this.#env };
    const said = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 16 * MiB }).catch(
      (error: { stdout?: string; message: string }) => ({
        stdout: error.stdout || JSON.stringify({ failed: error.message }),
      }),
    );
    const report = JSON.parse(said.stdout) as FsckSaid;
    if (report.failed !== undefined) return [`fsck failed: ${report.failed}`];
    const broken = (report.left ?? []).filter((check) => check.broken > 0);
    return broken.map(({ name, broken: count, examples }) => `fsck: ${name}, ${count} broken: ${examples.join('; ')}`);
  }
}
