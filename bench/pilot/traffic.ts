// What clients of the pilot trials do: they ask when their time has come, come again when they are told to slow down, as SDKs do, and hold every
// answer against what was stored.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gateway } from './gateway.ts';

export interface Asked {
  readonly kind: 'read' | 'write';
  /** `/bucket/key` */
  readonly path: string;
  /** Whose load it is. */
  readonly tag: string;
}

export interface Done extends Asked {
  /** Since the load began: when it was to begin. */
  readonly atMs: number;
  /** Until it was answered, however often it had to ask. */
  readonly tookMs: number;
  readonly refusals: number;
  /** False: it gave up. */
  readonly isAnswered: boolean;
  /** False: other bytes than were stored. */
  readonly isRight: boolean;
}

const triesMax = 20;
const comesAgainMs = 500;

/** Bytes of the object at `path`: anybody can tell them. */
export function bytesOf(path: string, size: number): Buffer {
  const line = Buffer.from(`${path}\n`);
  return Buffer.alloc(size, line);
}

export class Traffic {
  gateway: Gateway;
  readonly bytes: number;
  readonly done: Done[] = [];
  /** Acknowledged. */
  readonly stored = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #startMs = performance.now();

  constructor(gateway: Gateway, bytes: number) {
    this.gateway = gateway;
    this.bytes = bytes;
  }

  get nowMs(): number {
    return performance.now() - this.#startMs;
  }

  /** Arrivals are a Poisson process; `isOver` ends it. Resolves when the last one has begun. */
  async open(perSec: number, random: () => number, next: () => Asked, isOver: () => boolean): Promise<void> {
    for (let atMs = this.nowMs; !isOver(); atMs += (-1000 * Math.log(1 - random())) / perSec) {
      const waitMs = atMs - this.nowMs;
      if (waitMs > 1) await sleep(waitMs);
      const one = this.ask(next(), atMs).finally(() => this.#running.delete(one));
      this.#running.add(one);
    }
  }

  /** One that asks again as soon as it was answered. */
  async closed(next: () => Asked, restMs: () => number, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.ask(next());
      const rest = restMs();
      if (rest > 0) await sleep(rest);
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async ask(asked: Asked, atMs = this.nowMs): Promise<void> {
    const { kind, path } = asked;
    const body = kind === 'write' ? bytesOf(path, this.bytes) : undefined;
    for (let tries = 1; ; tries++) {
      const answer = await this.gateway.ask(kind === 'write' ? 'PUT' : 'GET', path, body).catch(() => undefined);
      const isAnswered = answer?.status === 200;
      if (!isAnswered && tries < triesMax) {
        await sleep(comesAgainMs);
        continue;
      }
      if (isAnswered && kind === 'write') this.stored.add(path);
      const isRight = !isAnswered || kind === 'write' || answer.body.equals(bytesOf(path, this.bytes));
      this.done.push({ ...asked, atMs, tookMs: this.nowMs - atMs, refusals: tries - 1, isAnswered, isRight });
      return;
    }
  }
}

export function percentile(done: readonly Done[], part: number): number {
  const took = done.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return took[Math.min(took.length - 1, Math.ceil(part * took.length) - 1)] ?? Number.NaN;
}

/** Every object that was acknowledged, read once more; those that are not as they were. */
export async function compareAll(traffic: Traffic): Promise<readonly string[]> {
  const wrong: string[] = [];
  const paths = [...traffic.stored];
  const reader = async (): Promise<void> => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      for (let tries = 1; ; tries++) {
        const { status, body } = await traffic.gateway.ask('GET', path);
        if (status === 503 && tries < triesMax) await sleep(comesAgainMs);
        else {
          if (status !== 200 || !body.equals(bytesOf(path, traffic.bytes))) wrong.push(path);
          break;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, reader));
  return wrong;
}
