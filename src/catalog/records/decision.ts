// Rows `decision` and `decisionInput`: what the pilot decided, when and by which view, and for the last ones all that it saw, so that they can be
// made again. They stand in no redo log: no answer to a client needs them.
import { atPlace, decodeRecord, encodeRecord, placeOf } from './record.ts';

const format = 1;
const causes = ['tick', 'asked', 'rebalance'] as const;
const modes = ['off', 'shadow', 'plan', 'auto'] as const;

export interface DecisionRow {
  readonly atSec: number;
  /** It was made so many times in a row, the last time then: calm ticks are one row. */
  readonly untilSec: number;
  readonly times: number;
  readonly cause: (typeof causes)[number];
  readonly mode: (typeof modes)[number];
  readonly epoch: number;
  /** Of what the first of them saw. */
  readonly digest: string;
  /** Steps, refusals and what came of them, as JSON: nothing in the catalog is looked up by them. */
  readonly body: string;
}

export const encodeDecision = (decision: DecisionRow): Buffer =>
  encodeRecord(format, (to) => {
    for (const each of [decision.atSec, decision.untilSec, decision.times, decision.epoch]) to.count(each);
    to.byte(placeOf(causes, decision.cause));
    to.byte(placeOf(modes, decision.mode));
    to.text(decision.digest);
    to.text(decision.body);
  });

export const decodeDecision = (value: Buffer): DecisionRow =>
  decodeRecord('decision', format, value, (from) => {
    const [atSec, untilSec, times, epoch] = [from.count(), from.count(), from.count(), from.count()];
    const [cause, mode] = [atPlace(causes, from.byte()), atPlace(modes, from.byte())];
    return { atSec, untilSec, times, cause, mode, epoch, digest: from.text(), body: from.text() };
  });

/** A piece of what was seen, compressed. */
export const encodeDecisionInput = (piece: Buffer): Buffer => encodeRecord(format, (to) => to.blob(piece));
export const decodeDecisionInput = (value: Buffer): Buffer =>
  decodeRecord('decisionInput', format, value, (from) => from.blob());
