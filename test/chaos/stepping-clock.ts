// Wall clocks that step by ten minutes, forth and back, each process's own way: the mixture of operations is as linearizable as ever, and
// versions keep the order in which they were acknowledged, also across a delete and a new beginning.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { sequenceOf } from '../../src/objects/version-ids.ts';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { Connection, headerOf } from './support/connection.ts';
import { buckets } from './support/mixed-load.ts';
import { type Meanwhile, runRegisters } from './support/register-world.ts';

const minuteMs = 60_000;
const stepMs = 10 * minuteMs;
/** One more than the server has processes that matter, so that its worker, worker and pilot do not share one. */
const offsetsCount = 5;
const stepEveryMs = 1_500;
/** More than lies in the sockets and in the blocks that a read opens ahead. */
const longReadBytes = 48 * 1024 * 1024;
/** Longer than it takes to collect what nobody reads. */
const longReadMs = 5_000;

export const steppingClock: Trial = {
  name: 'stepping-clock',
  promise: 'wall clocks that step by ten minutes, forth and back, different in every process, change nothing',
  full: { operations: 100_000, clients: 16, keys: 64, workers: 2, recreations: 200 },
  short: { operations: 3_000, clients: 16, keys: 64, workers: 2, recreations: 10 },
  async run(volumes: Volumes, tools: TrialTools): Promise<Verdict> {
    const clocks = new Clocks(tools);
    let steps = 0;
    let recreated = 0;
    return await runRegisters(volumes, tools, {
      mayLose: false,
      env: clocks.env,
      async meanwhile({ isEnough }) {
        for (; !isEnough(); steps++) {
          clocks.scatter();
          await sleep(stepEveryMs);
        }
      },
      async afterwards(meanwhile) {
        const skews = await skewsOf(meanwhile);
        // Of what is left at the end; which way the clocks stood last is chance, but never right.
        const wasSeen = skews.some((skew) => Math.abs(skew) > 5 * minuteMs);
        const broken = wasSeen ? [] : [`no object bears a clock that stepped: ${skews.join(', ')} ms`];
        const result = await recreate(meanwhile, clocks, volumes.recreations!);
        recreated = result.recreated;
        return [...broken, ...result.broken, ...(await readAcrossSteps(meanwhile, clocks))];
      },
      figures: () => [
        ['steps of the wall clocks', `${steps}`],
        ['keys deleted for good and made anew across a backward step', `${recreated}`],
      ],
    });
  },
};

/** The offsets of all processes, in a file that they look at. */
class Clocks {
  readonly env: NodeJS.ProcessEnv;
  readonly #file: string;
  readonly #random: () => number;

  constructor({ dir, random }: TrialTools) {
    this.#file = join(dir, 'clocks.json');
    this.#random = random;
    this.set(() => 0);
    const preload = pathToFileURL(join(process.cwd(), 'test/chaos/support/stepping-clock.mjs')).href;
    this.env = { NODE_OPTIONS: `--import=${preload}`, STEPPING_CLOCK_FILE: this.#file };
  }

  set(offsetOf: (at: number) => number): void {
    const offsets = Array.from({ length: offsetsCount }, (_, at) => offsetOf(at));
    writeFileSync(`${this.#file}.new`, JSON.stringify(offsets));
    renameSync(`${this.#file}.new`, this.#file);
  }

  scatter(): void {
    this.set(() => (this.#random() < 0.5 ? -stepMs : stepMs));
  }

  /** Every process sees it before this resolves. */
  async together(offsetMs: number): Promise<void> {
    this.set(() => offsetMs);
    await sleep(300);
  }
}

/** How far the objects' times are from ours. */
async function skewsOf({ world, signer }: Meanwhile): Promise<number[]> {
  const connection = await Connection.open(world.port);
  const query = [['list-type', '2']] as const;
  const target = signer.target({ method: 'GET', bucket: buckets.plain, query });
  const listing = await connection.request({ method: 'GET', target });
  connection.close();
  const times = [...(listing?.body.toString() ?? '').matchAll(/<LastModified>([^<]+)</g)].map(([, time]) => time!);
  return times.map((time) => Date.parse(time) - Date.now());
}

/**
 * The last version of a key is removed while clocks are ahead, and the key is written again when they were turned back: its sequence
 * must go on. Half of the keys wait until the watermark has passed what the removal left, so that nothing of them is left.
 */
async function recreate({ world, signer }: Meanwhile, clocks: Clocks, count: number) {
  const broken: string[] = [];
  const connection = await Connection.open(world.port);
  const ask = async (method: string, key: string, versionId?: string): Promise<string> => {
    const query = versionId === undefined ? [] : ([['versionId', versionId]] as const);
    const target = signer.target({ method, bucket: buckets.versioned, key, query }, false);
    const answer = await connection.request({ method, target, ...(method === 'PUT' && { body: Buffer.from('x') }) });
    if (answer === undefined || answer.status >= 300) throw new Error(`${method} ${key}: ${answer?.status}`);
    return headerOf(answer.head, 'x-amz-version-id') ?? '';
  };
  const keys = (name: string): string[] => Array.from({ length: Math.ceil(count / 2) }, (_, at) => `${name}/${at}`);
  const bearAndRemove = async (name: string): Promise<Map<string, string>> => {
    const born = new Map<string, string>();
    for (const key of keys(name)) {
      born.set(key, await ask('PUT', key));
      await ask('DELETE', key, born.get(key));
    }
    return born;
  };
  const bearAgain = async (born: ReadonlyMap<string, string>): Promise<void> => {
    for (const [key, first] of born) {
      const again = await ask('PUT', key);
      if (sequenceOf(again) <= sequenceOf(first))
        broken.push(`${key}: made anew as ${again}, which is older than ${first}`);
      await ask('DELETE', key, again);
    }
  };

  await clocks.together(-stepMs);
  const swept = await bearAndRemove('swept');
  await clocks.together(stepMs);
  await sleep(3_000); // the watermark and the sweeper take a second each
  const kept = await bearAndRemove('kept');
  await clocks.together(-stepMs);
  await bearAgain(kept);
  await bearAgain(swept);
  await clocks.together(0);
  connection.close();
  return { recreated: swept.size + kept.size, broken };
}

/** A read begins while clocks are ahead, what it reads is replaced while they are behind: it still gets all of its bytes. */
async function readAcrossSteps({ world, signer }: Meanwhile, clocks: Clocks): Promise<string[]> {
  const [reader, writer] = [await Connection.open(world.port), await Connection.open(world.port)];
  const target = (method: string): string => signer.target({ method, bucket: buckets.plain, key: 'slow/across-steps' });
  const body = Buffer.alloc(longReadBytes, 'read across steps ');
  const put = async (bytes: Buffer): Promise<void> => {
    const answer = await writer.request({ method: 'PUT', target: target('PUT'), body: bytes });
    if (answer?.status !== 200) throw new Error(`PUT was answered ${answer?.status}`);
  };
  await put(body);
  await clocks.together(stepMs);
  const reading = reader.request({ method: 'GET', target: target('GET') }, longReadMs);
  await sleep(1_000);
  await clocks.together(-stepMs);
  await put(Buffer.alloc(1));
  await clocks.together(stepMs);
  const answer = await reading;
  await clocks.together(0);
  reader.close();
  writer.close();
  if (answer?.body.equals(body)) return [];
  return [`a read that began before a step ${answer === undefined ? 'was cut off' : `was answered ${answer.status}`}`];
}
