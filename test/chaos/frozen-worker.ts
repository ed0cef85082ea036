// A worker stands still in the middle of PUTs, is taken for dead and fenced, and wakes up: it must change nothing any more, and end.
// Half of the rounds the supervisor stands still with it (else it would end the worker after 15 s); half it is killed and started
// anew, and the worker wakes up in a world that is not its own.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KiB, MiB } from '../../src/base/units.ts';
import { openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { keys } from '../../src/catalog/keys.ts';
import { fenceSession } from '../../src/objects/session.ts';
import { listSessions } from '../../src/objects/sessions.ts';
import type { Trial, TrialTools, Verdict } from '../support/trial.ts';
import { holdersOf } from './support/connections.ts';
import { grouped, inSeconds, ofTotal, spreadOf } from './support/figures.ts';
import { Manifest, type State } from './support/manifest.ts';
import { bodyOf, nameOf, stampHeader } from './support/stamps.ts';
import { verifyAll } from './support/verify.ts';
import { type Answer, makeBucket, openWire, type Wire } from './support/wire.ts';
import { isAlive, startWorld, untilTrue, type World } from './support/world.ts';

const bucket = 'frozen';
const workers = 4;
const frozenAtOnce = 3;
const serversMax = 6;
const putsPerWorker = 3;
/** Woken up, it must be gone by then. */
const endsMsMax = 10_000;
/** A commit takes longer only if somebody holds the lock. */
const lockMsMax = 3_000;

export const frozenWorker: Trial = {
  name: 'frozen-worker',
  promise: 'A worker that was stopped in mid-PUT and fenced ends when it wakes up, and has changed nothing',
  full: { freezes: 50, seconds: 30 },
  short: { freezes: 4, seconds: 2 },
  async run({ freezes = 0, seconds = 0 }, tools) {
    const tally: Tally = {
      frozen: 0,
      puts: 0,
      acknowledgedLate: 0,
      endedMs: [],
      endedByStart: 0,
      verified: 0,
      broken: [],
    };
    const servers = Math.min(serversMax, Math.ceil(freezes / (2 * frozenAtOnce)));
    // One after the other: together their starts would be slow on a small machine.
    const grounds: Ground[] = [];
    try {
      for (let at = 0; at < servers; at++) grounds.push(await Ground.open(join(tools.dir, `server-${at}`), at));
      let asked = 0;
      const take = (): number => {
        const count = Math.min(frozenAtOnce, freezes - asked);
        asked += count;
        return count;
      };
      await Promise.all(grounds.map((ground) => ground.run(take, seconds, tally, tools)));
    } finally {
      for (const ground of grounds) await ground.close();
    }
    return verdictOf(tally);
  },
};

interface Tally {
  frozen: number;
  /** Under way in frozen workers. */
  puts: number;
  acknowledgedLate: number;
  readonly endedMs: number[];
  /** Of those whose supervisor was killed while they stood still. */
  endedByStart: number;
  verified: number;
  readonly broken: string[];
}

interface SlowPut {
  readonly key: string;
  readonly name: State;
  readonly localPort: number;
  readonly answer: Promise<Answer | undefined>;
  readonly goOn: () => void;
}

class Ground {
  readonly #world: World;
  readonly #catalog: Catalog;
  readonly #manifest: Manifest;
  readonly #at: number;
  readonly #stopped = new Set<number>();
  #stamps = 0;

  constructor(world: World, catalog: Catalog, manifest: Manifest, at: number) {
    this.#world = world;
    this.#catalog = catalog;
    this.#manifest = manifest;
    this.#at = at;
  }

  static async open(dir: string, at: number): Promise<Ground> {
    // Before anybody commits, as an open beside the server would have to ask its supervisor.
    const catalog = openLmdbCatalog({ path: join(dir, 'data', 'catalog') });
    const world = await startWorld({ dir, workers });
    const wire = openWire(world);
    await makeBucket(wire, bucket);
    wire.close();
    return new Ground(world, catalog, new Manifest(join(dir, 'manifest.tsv')), at);
  }

  async close(): Promise<void> {
    for (const pid of this.#stopped) this.#world.kill(pid, 'SIGCONT');
    await this.#world.stop();
    await this.#catalog.close();
    this.#manifest.close();
  }

  async run(take: () => number, seconds: number, tally: Tally, { say }: TrialTools): Promise<void> {
    for (let round = this.#at; ; round++) {
      const isRestart = round % 3 === 1;
      const count = isRestart ? frozenAtOnce : take();
      if (count === 0) break;
      await this.#freeze(count, seconds, round, isRestart, tally);
      say(`${tally.frozen} workers frozen and woken up, ${tally.puts} PUTs in their hands`);
    }
    const left = await this.#world.settled({ drops: false });
    tally.broken.push(...left.map((what) => `left behind: ${what}`));
  }

  async #freeze(count: number, seconds: number, round: number, isRestart: boolean, tally: Tally): Promise<void> {
    const status = await this.#world.allServe();
    const victims = status.workers.slice(0, count).map(({ pid }) => pid);
    const living = openWire(this.#world, 1);
    await this.#connectTo(living, status.workers.at(-1)!.pid);
    const slow = await this.#beginPuts(round, living);
    const holders = holdersOf(status.workers.map(({ pid }) => pid));
    const held = slow.filter(({ localPort }) => victims.includes(holders.get(localPort)!));
    tally.puts += held.length;
    if (held.length === 0) tally.broken.push('no PUT was in the hands of a frozen worker: this proves nothing');

    await this.#stopOutsideCommits(victims);
    const frozenMs = Date.now();
    const wire = isRestart ? openWire(this.#world, 4) : living;
    if (isRestart) {
      this.#world.kill(this.#world.supervisorPid());
      await this.#world.restart();
      tally.endedByStart += victims.filter((pid) => !isAlive(pid)).length;
      if (victims.some(isAlive)) tally.broken.push('a worker of before stands still beside the new server');
    } else {
      this.#stop(status.pid);
      await this.#fence(victims);
    }
    // It is all there when they wake up: nothing but the fence keeps them from committing.
    for (const { goOn } of slow) goOn();
    for (const [at, { key }] of slow.entries()) {
      if (at % 3 === 0) await this.#write(wire, key, 40 * KiB);
      else if (at % 3 === 1) await this.#change(wire, 'DELETE', key, 'absent');
    }
    for (let at = 0; Date.now() - frozenMs < seconds * 1000; at++) {
      await this.#write(wire, `beside-${at % 20}`, 20 * KiB);
      await sleep(100);
    }
    if (!isRestart) await this.#wake(victims, tally);
    const late = await Promise.all(held.map(({ answer }) => answer));
    tally.acknowledgedLate += late.filter((answer) => answer?.status === 200).length;
    for (const { key, name, answer } of slow.filter((each) => !held.includes(each))) {
      if ((await answer)?.status === 200) this.#manifest.leaveOpen(key, name);
    }
    this.#goOn(status.pid);
    living.close();
    wire.close();
    await this.#world.allServe();
    const { wrong, keys: looked } = await verifyAll(this.#world, bucket, this.#manifest);
    tally.verified += looked;
    tally.broken.push(...wrong.map(({ what }) => what));
    if (!isRestart) tally.frozen += victims.length;
  }

  async #wake(victims: readonly number[], tally: Tally): Promise<void> {
    const wokenMs = performance.now();
    for (const pid of victims) this.#goOn(pid);
    const ends = victims.map(async (pid) => {
      await untilTrue(() => !isAlive(pid), 'the end of a fenced worker', endsMsMax);
      tally.endedMs.push(performance.now() - wokenMs);
    });
    for (const ended of await Promise.allSettled(ends)) {
      if (ended.status === 'rejected')
        tally.broken.push(`a fenced worker lives on ${endsMsMax} ms after it was woken up`);
    }
  }

  /** Each of a key that holds an acknowledged object, sent in half. Connections go to the workers in turn. */
  async #beginPuts(round: number, wire: Wire): Promise<SlowPut[]> {
    const slow: SlowPut[] = [];
    const sizes = [64 * KiB, 2 * MiB, 12 * MiB];
    for (let at = 0; at < workers * putsPerWorker; at++) {
      const key = `round-${round}/${at}`;
      await this.#write(wire, key, 30 * KiB);
      const { stamped, headers } = this.#stamp(sizes[at % sizes.length]!);
      let goOn: () => void = () => {};
      const rest = new Promise<void>((done) => {
        goOn = done;
      });
      const own = openWire(this.#world, 1);
      const body = bodyOf(stamped);
      const asked = { method: 'PUT', bucket, key, headers, body, holdAfter: { bytes: body.length / 2, rest } } as const;
      const { answer, localPort } = own.begin(asked);
      const ended = answer.then(
        (value) => value,
        () => undefined,
      );
      void ended.then(() => own.close());
      slow.push({ key, name: nameOf(stamped), localPort: await localPort, answer: ended, goOn });
    }
    await sleep(300); // halves arrive
    return slow;
  }

  /** New connections until one is in the hands of that worker; it is kept for what follows. */
  async #connectTo(wire: Wire, pid: number): Promise<void> {
    for (let tries = 0; tries < 50; tries++) {
      const { answer, localPort } = wire.begin({ method: 'GET', bucket, query: { location: '' } });
      await answer;
      if (holdersOf([pid]).has(await localPort)) return;
      wire.dropConnections();
    }
    throw new Error('no connection reached the worker that goes on');
  }

  /**
   * A process that stands still in the middle of a commit holds the engine's lock: nobody can commit, or fence it, before its end
   * (which the supervisor brings after 15 s). That is another story; here they stop at another moment then.
   */
  async #stopOutsideCommits(pids: readonly number[]): Promise<void> {
    for (;;) {
      for (const pid of pids) this.#stop(pid);
      const probe = this.#catalog.commit({ checks: [[keys.lease('nobody'), 'absent']], writes: [] });
      const isFree = await Promise.race([probe.then(() => true), sleep(lockMsMax, false)]);
      if (isFree) return;
      for (const pid of pids) this.#goOn(pid);
      await probe;
    }
  }

  async #fence(pids: readonly number[]): Promise<void> {
    const catalog = this.#catalog;
    const sessions = (await listSessions(catalog)).filter(({ pid, state }) => state === 'live' && pids.includes(pid));
    if (sessions.length !== pids.length) throw new Error(`${sessions.length} sessions of ${pids.length} workers`);
    for (const { id } of sessions) await fenceSession(catalog, id);
  }

  async #write(wire: Wire, key: string, size: number): Promise<void> {
    const { stamped, headers } = this.#stamp(size);
    await this.#change(wire, 'PUT', key, nameOf(stamped), { headers, body: bodyOf(stamped) });
  }

  async #change(
    wire: Wire,
    method: 'PUT' | 'DELETE',
    key: string,
    state: State,
    more: { headers?: Record<string, string>; body?: Buffer } = {},
  ): Promise<void> {
    this.#manifest.intend(key, state);
    const { status } = await wire.send({ method, bucket, key, ...more });
    if (status >= 300) throw new Error(`${method} ${key}: ${status}`);
    this.#manifest.acknowledge(key, state);
  }

  #stamp(size: number) {
    this.#stamps += 1;
    const stamped = { stamp: `s${this.#at}-${this.#stamps}`, size };
    return { stamped, headers: { [stampHeader]: nameOf(stamped) } };
  }

  #stop(pid: number): void {
    this.#stopped.add(pid);
    this.#world.kill(pid, 'SIGSTOP');
  }

  #goOn(pid: number): void {
    this.#stopped.delete(pid);
    this.#world.kill(pid, 'SIGCONT');
  }
}

function verdictOf({ frozen, puts, acknowledgedLate, endedMs, endedByStart, verified, broken }: Tally): Verdict {
  if (acknowledgedLate > 0) broken.push(`${acknowledgedLate} PUTs were acknowledged by workers that had been fenced`);
  return {
    figures: [
      ['workers stopped in mid-PUT, fenced and woken up', String(frozen)],
      ['of them ended by themselves', ofTotal(endedMs.length, frozen)],
      ['from waking up to the end', inSeconds(spreadOf(endedMs))],
      ['stopped in mid-PUT without a supervisor: ended by the next start', String(endedByStart)],
      ['PUTs in their hands that were acknowledged', ofTotal(acknowledgedLate, puts)],
      ['keys read back and compared: broken', ofTotal(broken.length, verified)],
      ['keys read back', grouped(verified)],
    ],
    broken,
  };
}
