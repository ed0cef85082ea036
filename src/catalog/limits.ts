// What every adapter refuses before it touches its engine: a change must be whole or nothing, so it is judged whole first.
import { caps } from '../base/caps.ts';
import type { Change } from './catalog.ts';

/** The longest key that LMDB takes with its usual page size. */
export const keyBytesMax = 1978;

export function assertKey(key: Buffer): void {
  if (!Buffer.isBuffer(key)) throw new TypeError('a catalog key is a Buffer');
  if (key.length === 0 || key.length > keyBytesMax) {
    throw new RangeError(`a catalog key has 1 to ${keyBytesMax} bytes, not ${key.length}`);
  }
}

/** A bound of a range may be empty. */
export function assertBounds(...bounds: readonly Buffer[]): void {
  for (const { length } of bounds) {
    if (length > keyBytesMax)
      throw new RangeError(`a bound of a range has at most ${keyBytesMax} bytes, not ${length}`);
  }
}

export function assertChange({ checks, writes }: Change): void {
  if (checks.length > caps.commitRowsMax || writes.length > caps.commitRowsMax) {
    throw new RangeError(
      `a commit has at most ${caps.commitRowsMax} rows, not ${Math.max(checks.length, writes.length)}`,
    );
  }
  for (const [key, version] of checks) {
    assertKey(key);
    if (version !== 'absent' && !(Number.isSafeInteger(version) && version > 0)) {
      throw new TypeError(`a check names a row version or 'absent', not ${version}`);
    }
  }
  for (const [key, value] of writes) {
    assertKey(key);
    if (key[0] === 0) throw new RangeError('a catalog key starts with a tag, which is never 0');
    if (value !== undefined && !Buffer.isBuffer(value)) throw new TypeError('a catalog value is a Buffer');
  }
}
