// Did the operations on one key happen in some order that agrees with time and with every answer? Keys are independent of each
// other, so each is judged alone. Two ways: a search over all orders (Wing and Gong, with Lowe's shortcut of deciding an order only
// when an operation ends), and zones (Gibbons and Korach) for histories of puts and reads whose values are all different.
import { absent, after, changesNothing, type Operation, type Value } from './register.ts';

/** An operation takes a bit of a mask while it is open. */
const openMax = 30;
/** So many ways to have come here would mean a search without end. */
const waysMax = 200_000;

/**
 * Follows every order that is still possible. Batches end where nothing but lost operations is open, so only the possible states
 * (and which lost operations were used) are carried on, and the history itself can be forgotten.
 */
export class OrderSearch {
  /** Open operations by slot; lost ones stay. */
  readonly #open: (Operation | undefined)[] = [];
  #ways = new Ways();

  constructor(initial: readonly Value[] = [absent]) {
    for (const state of initial) this.#ways.add(state, 0);
  }

  get states(): Value[] {
    return this.#ways.states();
  }

  get lost(): number {
    return this.#open.filter((operation) => operation !== undefined).length;
  }

  /** False: no order explains this batch (and those before it). The search is of no use then. */
  add(batch: readonly Operation[]): boolean {
    for (const { operation, ends } of eventsOf(batch)) {
      if (!ends) this.#begin(operation);
      else if (!this.#finish(operation)) return false;
    }
    this.#forgetUsed();
    return true;
  }

  #begin(operation: Operation): void {
    const free = this.#open.indexOf(undefined);
    const slot = free < 0 ? this.#open.length : free;
    if (slot >= openMax) throw new Error(`more than ${openMax} operations on one key at once`);
    this.#open[slot] = operation;
  }

  /** By its end the operation must have taken effect, possibly behind others that are open. */
  #finish(operation: Operation): boolean {
    const slot = this.#open.indexOf(operation);
    const bit = 1 << slot;
    const settled = new Ways();
    const seen = new Ways();
    const todo: (readonly [Value, number])[] = [];
    const reach = (state: Value, used: number): void => {
      const mask = this.#withIdle(state, used);
      if ((mask & bit) !== 0) settled.add(state, mask & ~bit);
      else if (seen.add(state, mask)) todo.push([state, mask]);
    };
    for (const [state, mask] of this.#ways) reach(state, mask);
    for (let way = todo.pop(); way !== undefined; way = todo.pop()) {
      const [state, mask] = way;
      for (const [at, one] of this.#open.entries()) {
        if (one === undefined || (mask & (1 << at)) !== 0) continue;
        const next = after(state, one.act);
        if (next !== undefined) reach(next, mask | (1 << at));
      }
      if (seen.size > waysMax) throw new Error('too many operations at once to be judged');
    }
    this.#open[slot] = undefined;
    this.#ways = settled;
    return settled.size > 0;
  }

  /** Who changes nothing whenever it takes place may as well take place now: nothing is left out by that. */
  #withIdle(state: Value, used: number): number {
    let mask = used;
    for (const [at, one] of this.#open.entries()) {
      if (one !== undefined && changesNothing(one.act) && after(state, one.act) !== undefined) mask |= 1 << at;
    }
    return mask;
  }

  /** A lost operation that took effect in every order left is over. */
  #forgetUsed(): void {
    let usedMask = -1;
    for (const [, mask] of this.#ways) usedMask &= mask;
    for (const [slot, one] of this.#open.entries()) {
      if (one !== undefined && (usedMask & (1 << slot)) !== 0) this.#open[slot] = undefined;
      else usedMask &= ~(1 << slot);
    }
    if (usedMask === 0) return;
    const left = new Ways();
    for (const [state, mask] of this.#ways) left.add(state, mask & ~usedMask);
    this.#ways = left;
  }
}

/** States, each with the open operations that have taken effect on the way there. */
class Ways {
  readonly #masks = new Map<Value, Set<number>>();
  size = 0;

  /** False if it was there. */
  add(state: Value, mask: number): boolean {
    const masks = this.#masks.get(state);
    if (masks === undefined) this.#masks.set(state, new Set([mask]));
    else if (masks.has(mask)) return false;
    else masks.add(mask);
    this.size += 1;
    return true;
  }

  states(): Value[] {
    return [...this.#masks.keys()];
  }

  *[Symbol.iterator](): Generator<readonly [Value, number]> {
    for (const [state, masks] of this.#masks) for (const mask of masks) yield [state, mask];
  }
}

function eventsOf(batch: readonly Operation[]): { at: number; operation: Operation; ends: boolean }[] {
  return batch
    .flatMap((operation) => [
      { at: operation.start, operation, ends: false },
      ...(operation.end === Number.POSITIVE_INFINITY ? [] : [{ at: operation.end, operation, ends: true }]),
    ])
    .sort((a, b) => a.at - b.at);
}

/**
 * Of puts and reads alone, no value put twice. A value's zone lies between the first end and the last start among its put and its
 * reads: in a forward zone it must have been the state all the time, in a backward one it was the state at one moment at least.
 */
export function zonesHold(history: readonly Operation[], initial: Value = absent): boolean {
  const zones = new Map<Value, Zone>([[initial, { putStart: -1, firstEnd: 0, lastStart: 0, isSeen: true }]]);
  for (const { act, start, end } of history) {
    if (act.kind !== 'write') continue;
    if (zones.has(act.value)) throw new Error('a value was put twice');
    zones.set(act.value, {
      putStart: start,
      firstEnd: end,
      lastStart: start,
      isSeen: end !== Number.POSITIVE_INFINITY,
    });
  }
  for (const { act, start, end } of history) {
    if (act.kind === 'write') continue;
    if (act.kind !== 'read') throw new Error(`zones cannot judge a ${act.kind}`);
    const zone = zones.get(act.saw);
    if (zone === undefined || end < zone.putStart) return false; // read before it was put
    zone.firstEnd = Math.min(zone.firstEnd, end);
    zone.lastStart = Math.max(zone.lastStart, start);
    zone.isSeen = true;
  }
  const all = [...zones.values()].filter(({ isSeen }) => isSeen);
  const forward = all.filter(isForward).sort((a, b) => a.firstEnd - b.firstEnd);
  if (forward.some((zone, at) => at > 0 && zone.firstEnd < forward[at - 1]!.lastStart)) return false;
  return all.every((zone) => isForward(zone) || !liesInside(zone, forward));
}

interface Zone {
  readonly putStart: number;
  firstEnd: number;
  lastStart: number;
  /** A put without an answer that nobody saw need not have happened. */
  isSeen: boolean;
}

const isForward = ({ firstEnd, lastStart }: Zone): boolean => firstEnd < lastStart;

/** `forward` in order and without overlaps: only the last one that begins before the backward zone can hold it. */
function liesInside({ lastStart, firstEnd }: Zone, forward: readonly Zone[]): boolean {
  let low = 0;
  let high = forward.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (forward[middle]!.firstEnd < lastStart) low = middle + 1;
    else high = middle;
  }
  const before = forward[low - 1];
  return before !== undefined && firstEnd < before.lastStart;
}
