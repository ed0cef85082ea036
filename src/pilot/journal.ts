// What the pilot decided, by what, and what came of it. Calm ticks in a row are one entry. Of the last entries all that was seen is kept too, so
// that whoever doubts a decision can make it again.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { KiB, MiB } from '../base/units.ts';
import type { Catalog, Write } from '../catalog/catalog.ts';
import { decisionIdOf, keys, prefixEnd, tag } from '../catalog/keys.ts';
import {
  type DecisionRow,
  decodeDecision,
  decodeDecisionInput,
  encodeDecision,
  encodeDecisionInput,
} from '../catalog/records/decision.ts';
import type { Refusal, Step } from '../placement/placement.ts';
import type { Control } from '../upkeep/upkeep.ts';

/** What became of a step. `shown`: nobody was asked to carry it out; `waits`: it need not begin yet. */
export interface StepResult {
  readonly outcome: 'shown' | 'waits' | 'done' | 'begun' | 'refused';
  readonly because: string;
  /** When. */
  readonly atSec: number;
}

export interface Decision extends Omit<DecisionRow, 'body'> {
  readonly id: number;
  readonly planDigest: string;
  readonly steps: readonly Step[];
  /** One for each step. */
  readonly results: readonly StepResult[];
  readonly refusals: readonly Refusal[];
  /** Further refusals that are not written down. */
  readonly refusalsLeft: number;
}

type Body = Pick<Decision, 'planDigest' | 'steps' | 'results' | 'refusals' | 'refusalsLeft'>;

export interface JournalDeps {
  readonly catalog: Catalog;
  readonly control: Pick<Control, 'commit'>;
}

const keptMax = 5000;
const keptSec = 30 * 86_400;
const expiredPerAdd = 50;
const refusalsMax = 200;
/** Inputs of so many of the last decisions, fewer where they are large. */
const inputsMax = 24;
const inputsMin = 4;
const inputsBytesMax = 64 * MiB;
const pieceBytes = 256 * KiB;
const [zip, unzip] = [promisify(gzip), promisify(gunzip)];

export class Journal {
  readonly #catalog: Catalog;
  readonly #control: Pick<Control, 'commit'>;

  constructor({ catalog, control }: JournalDeps) {
    this.#catalog = catalog;
    this.#control = control;
  }

  /** The newest first. */
  async last(count: number): Promise<Decision[]> {
    const from = keys.first(tag.decision);
    const rows = await this.#catalog.range(from, prefixEnd(from), { reverse: true, limit: count });
    return rows.map(({ key, value }) => decisionOf(key, value));
  }

  async find(id: number): Promise<Decision | undefined> {
    const row = await this.#catalog.get(keys.decision(id));
    return row && decisionOf(row.key, row.value);
  }

  /** What a decision was made by, as canonical text; undefined: it is kept no more. */
  async inputOf(id: number): Promise<string | undefined> {
    const from = keys.decisionInputOf(id);
    const rows = await this.#catalog.range(from, prefixEnd(from), { limit: piecesMax });
    if (rows.length === 0) return undefined;
    return (await unzip(Buffer.concat(rows.map(({ value }) => decodeDecisionInput(value))))).toString('utf8');
  }

  /** Adds it, or lengthens the last entry where that says the same of a fleet that nobody does anything to. */
  async add(
    made: Omit<Decision, 'id' | 'refusalsLeft' | 'untilSec' | 'times'>,
    input: string | Buffer,
  ): Promise<Decision> {
    const [newest] = await this.last(1);
    const refusals = made.refusals.slice(0, refusalsMax);
    const refusalsLeft = made.refusals.length - refusals.length;
    const isAgain = newest !== undefined && isSame(newest, made);
    if (isAgain && made.steps.length === 0) {
      const longer = { ...newest, untilSec: made.atSec, times: newest.times + 1 };
      await this.#commit([rowOf(longer)]);
      return longer;
    }
    const id = isAgain ? newest.id : (newest?.id ?? 0) + 1;
    const since = isAgain ? { atSec: newest.atSec, times: newest.times + 1 } : { atSec: made.atSec, times: 1 };
    const decision: Decision = { ...made, ...since, id, untilSec: made.atSec, refusals, refusalsLeft };
    const pieces = piecesOf(await zip(input, { level: 1 }));
    await this.#commit([
      ...(await this.#old(id, pieces.length, made.atSec)),
      ...pieces.map((piece, at): Write => [keys.decisionInput(id, at), encodeDecisionInput(piece)]),
      rowOf(decision),
    ]);
    return decision;
  }

  /** What came of its steps. */
  async settle(decision: Decision, results: readonly StepResult[]): Promise<Decision> {
    const settled = { ...decision, results };
    await this.#commit([rowOf(settled)]);
    return settled;
  }

  /** Rows that make room: inputs and entries that are too many or too old, and what a longer input of this entry leaves behind. */
  async #old(id: number, pieces: number, nowSec: number): Promise<Write[]> {
    const kept = Math.max(inputsMin, Math.min(inputsMax, Math.floor(inputsBytesMax / (pieces * pieceBytes))));
    const [inputs, decisions] = [keys.first(tag.decisionInput), keys.first(tag.decision)];
    const limit = expiredPerAdd;
    const surplus = [
      ...(await this.#catalog.range(inputs, keys.decisionInputOf(Math.max(0, id - kept + 1)), { limit })),
      ...(await this.#catalog.range(keys.decisionInput(id, pieces), prefixEnd(keys.decisionInputOf(id)), { limit })),
    ];
    const oldest = await this.#catalog.range(decisions, keys.decision(id), { limit });
    const expired = oldest.filter(
      ({ key, value }) => decisionIdOf(key) <= id - keptMax || decodeDecision(value).untilSec < nowSec - keptSec,
    );
    return [...surplus, ...expired].map(({ key }): Write => [key, undefined]);
  }

  async #commit(writes: readonly Write[]): Promise<void> {
    await this.#control.commit({ checks: [], writes });
  }
}

/** More than an input that can be decided by within seconds has. */
const piecesMax = 1000;

function piecesOf(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return pieces;
}

function rowOf({ id, planDigest, steps, results, refusals, refusalsLeft, ...row }: Decision): Write {
  const body: Body = { planDigest, steps, results, refusals, refusalsLeft };
  return [keys.decision(id), encodeDecision({ ...row, body: JSON.stringify(body) })];
}

function decisionOf(key: Buffer, value: Buffer): Decision {
  const { body, ...row } = decodeDecision(value);
  return { id: decisionIdOf(key), ...row, ...(JSON.parse(body) as Body) };
}

/** The same plan for the same reasons, whatever the figures; and nobody has done anything about it. */
function isSame(
  before: Decision,
  now: Pick<Decision, 'cause' | 'mode' | 'epoch' | 'steps' | 'refusals' | 'results'>,
): boolean {
  const isIdle = ({ results }: Pick<Decision, 'results'>) =>
    results.every(({ outcome }) => outcome === 'shown' || outcome === 'waits');
  return (
    before.cause === 'tick' &&
    now.cause === 'tick' &&
    before.mode === now.mode &&
    before.epoch === now.epoch &&
    isIdle(before) &&
    isIdle(now) &&
    outlineOf(before) === outlineOf({ ...now, refusals: now.refusals.slice(0, refusalsMax) })
  );
}

const outlineOf = ({ steps, refusals }: Pick<Decision, 'steps' | 'refusals'>): string =>
  JSON.stringify([
    steps.map(({ because: _, ...step }) => ({ ...step, bytes: 0, readShare: 0, startInSec: 0 })),
    refusals.map(({ why, ...whose }) => [whose, why.replaceAll(/[0-9.]+/g, '#')]),
  ]);
