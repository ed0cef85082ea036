// A key as a register: what each operation may answer in which state, and what it leaves behind. Values are numbers, one per
// ETag; whatever clients see of a key is a number of this kind.
export type Value = number;

/** Nothing there. */
export const absent: Value = 0;

/** `lost`: no answer came, so that nobody knows whether it took effect, or will. Lost reads and puts without effect are not recorded. */
export type Act =
  | { readonly kind: 'read'; readonly saw: Value }
  | { readonly kind: 'write'; readonly value: Value }
  | { readonly kind: 'delete' }
  /** If-None-Match: * */
  | { readonly kind: 'create'; readonly value: Value; readonly answer: 'done' | 'refused' | 'lost' }
  /** PUT with If-Match */
  | {
      readonly kind: 'swap';
      readonly expected: Value;
      readonly value: Value;
      readonly answer: 'done' | 'differs' | 'absent' | 'lost';
    }
  /** DELETE with If-Match; removing what is not there is no error. */
  | { readonly kind: 'remove'; readonly expected: Value; readonly answer: 'done' | 'differs' | 'lost' };

export interface Operation {
  readonly act: Act;
  /** Of one clock that never gives the same reading twice: who ended before another started came before it. */
  readonly start: number;
  /** Infinity where the answer was lost: it may take effect at any later time, or never. */
  readonly end: number;
}

/** The state that the act leaves, or undefined where it could not have answered so. */
export function after(state: Value, act: Act): Value | undefined {
  switch (act.kind) {
    case 'read':
      return act.saw === state ? state : undefined;
    case 'write':
      return act.value;
    case 'delete':
      return absent;
    case 'create': {
      const done = state === absent;
      if (act.answer !== 'lost' && (act.answer === 'done') !== done) return undefined;
      return done ? act.value : state;
    }
    case 'swap': {
      const found = state === act.expected ? 'done' : state === absent ? 'absent' : 'differs';
      if (act.answer !== 'lost' && act.answer !== found) return undefined;
      return found === 'done' ? act.value : state;
    }
    case 'remove': {
      if (state === act.expected) return act.answer === 'differs' ? undefined : absent;
      // Below a delete marker the answer is the one of a version that differs.
      return act.answer === 'done' && state !== absent ? undefined : state;
    }
  }
}

/** In whatever state it may have answered so. */
export const changesNothing = (act: Act): boolean =>
  act.kind === 'read' ||
  ('answer' in act && (act.answer === 'refused' || act.answer === 'differs' || act.answer === 'absent'));

export const describeOperation = ({ act, start, end }: Operation): string =>
  `${start}–${end === Number.POSITIVE_INFINITY ? '…' : end} ${Object.values(act)
    .map((part) => (typeof part === 'number' ? part.toString(16) : part))
    .join(' ')}`;
