// How long nobody serves when the supervisor, and with it everything, is killed or stopped and started again on a full catalog.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trial } from '../support/trial.ts';
import { grouped, inSeconds, ofTotal, spreadOf } from './support/figures.ts';
import { bodyOf, nameOf, type Stamped, stampHeader } from './support/stamps.ts';
import { judgeRead } from './support/verify.ts';
import { makeBucket, openWire, type Wire } from './support/wire.ts';
import { isAlive, startWorld, untilTrue } from './support/world.ts';

const bucket = 'many';
const connections = 16;
const readBack = 200;
const readyMsMax = 2_000;
/** Where CI shares its machine, waiting ten times as long is still a pass. */
const patience = 10;
const quietObjects = 50_000;

const stampedOf = (at: number): Stamped => ({ stamp: `many-${at}`, size: 1 + (at % 700) });
/** Spread like the keys of a real bucket, not in order of writing. */
const keyOf = (at: number): string => `folder-${(at * 7919) % 97}/object-${at}`;

export const restart: Trial = {
  name: 'restart',
  promise: 'After a kill or a stop of the supervisor everything serves again within two seconds',
  full: { objects: 100_000, restarts: 10 },
  short: { objects: 1_500, restarts: 2 },
  async run({ objects = 0, restarts = 0 }, { dir, random, say }) {
    const world = await startWorld({ dir, workers: 2 });
    const broken: string[] = [];
    const readyMs: number[] = [];
    const servedMs: number[] = [];
    let read = 0;
    let wrong = 0;
    try {
      const wire = openWire(world, connections);
      await makeBucket(wire, bucket);
      await fill(wire, objects, say);
      wire.close();
      for (let round = 0; round < restarts; round++) {
        await sleep(1_000);
        const { workers, pilot } = await world.status();
        if (round % 2 === 0) world.kill(world.supervisorPid());
        else await world.stop();
        await untilTrue(
          () => ![...workers, pilot!].some(({ pid }) => isAlive(pid)),
          'the end of all processes',
          60_000,
        );
        const startedMs = performance.now();
        readyMs.push(await world.restart());
        const fresh = openWire(world, connections);
        for (let sample = 0; sample < readBack; sample++) {
          const at = Math.floor(random() * objects);
          const answer = await fresh.send({ method: 'GET', bucket, key: keyOf(at) });
          if (sample === 0) servedMs.push(performance.now() - startedMs);
          const found = judgeRead(keyOf(at), answer, new Set([nameOf(stampedOf(at))]));
          read += 1;
          if (found === undefined) continue;
          wrong += 1;
          broken.push(found.what);
        }
        fresh.close();
        say(`restart ${round + 1} of ${restarts}: ready after ${readyMs.at(-1)!.toFixed(0)} ms`);
      }
      const spread = spreadOf(readyMs);
      const limitMs = objects >= quietObjects ? readyMsMax : readyMsMax * patience;
      if (spread.max > limitMs) broken.push(`a start took ${spread.max.toFixed(0)} ms until ready`);
      return {
        figures: [
          ['objects', grouped(objects)],
          ['from start to ready', inSeconds(spread)],
          ['from start to the first object read', inSeconds(spreadOf(servedMs))],
          ['read after restarts: lost, torn or changed', ofTotal(wrong, read)],
        ],
        broken,
      };
    } finally {
      await world.stop();
    }
  },
};

async function fill(wire: Wire, objects: number, say: (line: string) => void): Promise<void> {
  let next = 0;
  let saidMs = Date.now();
  const put = async (): Promise<void> => {
    while (next < objects) {
      const at = next++;
      const stamped = stampedOf(at);
      const headers = { [stampHeader]: nameOf(stamped) };
      const { status } = await wire.send({ method: 'PUT', bucket, key: keyOf(at), headers, body: bodyOf(stamped) });
      if (status !== 200) throw new Error(`PUT ${keyOf(at)}: ${status}`);
      if (Date.now() - saidMs < 10_000) continue;
      saidMs = Date.now();
      say(`${grouped(at)} of ${grouped(objects)} objects written`);
    }
  };
  await Promise.all(Array.from({ length: connections }, put));
}
