// Version ids: 20 URL-safe characters that hold the sequence and 64 random bits, so that a look-up by id is direct and
// nobody can guess one. They never start with `-`, which command lines would take for an option.
import { Fault } from '../base/fault.ts';
import type { Random } from '../base/random.ts';

export const nullVersionId = 'null';

const sequenceBytes = 7;
const randomPartBytes = 8;
const shape = /^[A-H][A-Za-z0-9_-]{19}$/;

export function makeVersionId(sequence: number, random: Random): string {
  const bytes = Buffer.alloc(sequenceBytes + randomPartBytes);
  bytes.writeUIntBE(Math.floor(sequence / 2 ** 32), 0, 3);
  bytes.writeUInt32BE(sequence % 2 ** 32, 3);
  random.bytes(randomPartBytes).copy(bytes, sequenceBytes);
  return bytes.toString('base64url');
}

/** Sequence inside a version id; refuses what could never have been one (`null` is the caller's to handle). */
export function sequenceOf(versionId: string): number {
  if (!shape.test(versionId)) throw invalidVersionId(versionId);
  const bytes = Buffer.from(versionId, 'base64url');
  return bytes.readUIntBE(0, 3) * 2 ** 32 + bytes.readUInt32BE(3);
}

export const invalidVersionId = (value: string): Fault =>
  new Fault({ kind: 'argument-invalid', name: 'versionId', value, message: 'Invalid version id specified' });
