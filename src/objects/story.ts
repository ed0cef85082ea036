// What every story is made of: read, decide, commit with checks, and run again when somebody else was faster.
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import type { Random } from '../base/random.ts';
import type { Catalog, Change, Check } from '../catalog/catalog.ts';
import type { BlockStore } from './block-store.ts';
import type { Turns } from './turns.ts';

export interface Tools {
  readonly catalog: Catalog;
  readonly blocks: BlockStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly turns: Turns;
}

export interface Decision<T> {
  /** Nothing to commit when absent. */
  readonly change?: Change;
  readonly result: T;
}

/** `undefined`: what was read cannot be decided on yet; run again. `waitedMs` since the first attempt. */
export type Attempt<T> = (waitedMs: number) => Promise<Decision<T> | undefined>;

export interface StoryOptions {
  /** Names of what the story commits to, for turns. */
  readonly turns: readonly string[];
  /** Set where the client gave conditions: losing for good is then a conflict, not overload. */
  readonly conditionalKey?: string;
  readonly signal?: AbortSignal;
}

/** Longer than anybody waits for a closed row (live-bucket.ts, running-upload.ts). */
const attemptsMsMax = 15_000;
const attemptsMax = 10_000;
const pauseMsMax = 50;

export function runStory<T>(tools: Tools, options: StoryOptions, attempt: Attempt<T>): Promise<T> {
  const { catalog, clock, random } = tools;
  return tools.turns.take(options.turns, async () => {
    const startedMs = clock.monotonicMs();
    for (let tried = 0; tried < attemptsMax; tried++) {
      options.signal?.throwIfAborted();
      const waitedMs = clock.monotonicMs() - startedMs;
      if (waitedMs > attemptsMsMax) break;
      const decision = await attempt(waitedMs);
      if (decision !== undefined) {
        if (decision.change === undefined) return decision.result;
        if ((await catalog.commit(withSession(tools, decision.change))) === 'done') return decision.result;
        await refuseIfFenced(tools);
      }
      const pauseMs = Math.min(2 ** tried, pauseMsMax) * (random.bytes(1)[0]! / 255);
      if (pauseMs >= 1) await clock.sleep(pauseMs, options.signal);
    }
    throw options.conditionalKey === undefined
      ? new Fault({ kind: 'overloaded', retryAfterMs: 1000, message: 'too many concurrent changes to the same key' })
      : new Fault({ kind: 'conditional-conflict', key: options.conditionalKey });
  });
}

/** Rows read, rows written: joined in order. A row may be checked by two of them, never written by two. */
export function joinChanges(...changes: readonly (Change | undefined)[]): Change {
  return {
    checks: changes.flatMap((change) => change?.checks ?? []),
    writes: changes.flatMap((change) => change?.writes ?? []),
  };
}

/** Every data commit checks that this worker's session is still its own. */
function withSession(tools: Tools, change: Change): Change {
  // Two unlike readings of one row both stay: no commit can satisfy them.
  const checks = [tools.blocks.sessionCheck(), ...change.checks];
  return { checks: checks.length > fewChecks ? manyOnce(checks) : fewOnce(checks), writes: change.writes };
}

const fewChecks = 16;

function fewOnce(checks: readonly Check[]): Check[] {
  const once: Check[] = [];
  for (const check of checks) {
    if (!once.some(([key, version]) => version === check[1] && key.equals(check[0]))) once.push(check);
  }
  return once;
}

function manyOnce(checks: readonly Check[]): Check[] {
  const byName = new Map(checks.map((check) => [`${check[1]} ${check[0].toString('latin1')}`, check]));
  return [...byName.values()];
}

async function refuseIfFenced(tools: Tools): Promise<void> {
  const [key, version] = tools.blocks.sessionCheck();
  if (((await tools.catalog.get(key))?.version ?? 'absent') !== version) throw new Fault({ kind: 'session-fenced' });
}
