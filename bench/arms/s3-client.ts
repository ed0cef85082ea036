// Requests beside the measured ones: making buckets, filling and emptying them.
import { Pool } from 'undici';
import { type Arm, targetOf } from './arm.ts';

type Answer = { readonly status: number; readonly text: string };

const pools = new Map<string, Pool>();
const connectionsMax = 64;

function poolOf(origin: string): Pool {
  let pool = pools.get(origin);
  if (pool === undefined) {
    pool = new Pool(origin, { connections: connectionsMax, keepAliveTimeout: 1_000, headersTimeout: 120_000 });
    pools.set(origin, pool);
  }
  return pool;
}

export async function closePool(origin: string): Promise<void> {
  await pools.get(origin)?.destroy();
  pools.delete(origin);
}

/** Throws on any answer other than 2xx. */
export async function ask(
  origin: string,
  method: 'GET' | 'PUT' | 'DELETE',
  target: string,
  body?: Buffer,
): Promise<Answer> {
  const answer = await poolOf(origin).request({ method, path: target, body: body ?? null });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) {
    throw new Error(`${method} ${origin}${target.split('?')[0]} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
  }
  return { status: answer.statusCode, text };
}

export const storeByPut =
  (arm: () => Arm) =>
  async (key: string, bytes: Buffer): Promise<void> => {
    await ask(arm().origin, 'PUT', targetOf(arm(), 'PUT', key), bytes);
  };

export const makeBucket = (arm: Arm): Promise<Answer> => ask(arm.origin, 'PUT', targetOf(arm, 'PUT', ''));

/** Removes the bucket with all that is in it. */
export async function removeBucket(arm: Arm): Promise<void> {
  for (;;) {
    const { text } = await ask(arm.origin, 'GET', targetOf(arm, 'GET', '', [['list-type', '2']]));
    const keys = [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map((match) => match[1]!);
    if (keys.length === 0) break;
    await inParallel(keys.length, 32, async (at) => {
      await ask(arm.origin, 'DELETE', targetOf(arm, 'DELETE', keys[at]!));
    });
  }
  await ask(arm.origin, 'DELETE', targetOf(arm, 'DELETE', ''));
}

/** Calls `act` for 0 … count - 1, so many at a time; the first failure ends all. */
export async function inParallel(count: number, width: number, act: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  const lanes = Array.from({ length: Math.min(width, count) }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    next = count;
    await Promise.allSettled(lanes);
    throw error;
  }
}
