// Checksums of a whole object out of the checksums of its parts: composite (a hash of hashes, any algorithm) or, for CRCs,
// the value that the joined bytes would have. CRCs are combined by multiplication with x^(8·length) in GF(2).
import type { ChecksumName } from '../base/fault.ts';
import type { ChecksumType } from '../model/object.ts';
import { createDigester } from './digester.ts';

export interface PartChecksum {
  /** Base64. */
  readonly value: string;
  readonly size: number;
}

const polynomials: Readonly<Partial<Record<ChecksumName, { width: bigint; reversed: bigint }>>> = {
  CRC32: { width: 32n, reversed: 0xedb88320n },
  CRC32C: { width: 32n, reversed: 0x82f63b78n },
  CRC64NVME: { width: 64n, reversed: 0x9a6c9329ac4bc9b5n },
};

/** CRC64NVME exists only for whole objects, SHA only as composite; the others default to composite, as AWS's do. */
export const defaultChecksumType = (algorithm: ChecksumName): ChecksumType =>
  algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';

export const allowsChecksumType = (algorithm: ChecksumName, type: ChecksumType): boolean =>
  type === 'COMPOSITE' ? algorithm !== 'CRC64NVME' : algorithm in polynomials;

/** `type` must be allowed for `algorithm`. */
export async function joinChecksums(
  algorithm: ChecksumName,
  type: ChecksumType,
  parts: readonly PartChecksum[],
): Promise<string> {
  if (type === 'FULL_OBJECT') return combineCrcs(algorithm, parts);
  const digester = await createDigester([algorithm]);
  for (const part of parts) digester.update(Buffer.from(part.value, 'base64'));
  return `${digester.digests().checksums.get(algorithm)}-${parts.length}`;
}

function combineCrcs(algorithm: ChecksumName, parts: readonly PartChecksum[]): string {
  const polynomial = polynomials[algorithm];
  if (polynomial === undefined) throw new RangeError(`${algorithm} cannot be combined`);
  const field = createField(polynomial.width, polynomial.reversed);
  let crc = 0n;
  for (const part of parts) {
    const next = BigInt(`0x${Buffer.from(part.value, 'base64').toString('hex')}`);
    crc = field.multiply(field.shiftBy(part.size), crc) ^ next;
  }
  return base64Of(crc, Number(polynomial.width) / 8);
}

function base64Of(value: bigint, bytes: number): string {
  return Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex').toString('base64');
}

interface Field {
  multiply(a: bigint, b: bigint): bigint;
  /** x^(8·bytes); most parts have one length, so powers are kept while one object is joined. */
  shiftBy(bytes: number): bigint;
}

/** Polynomials over GF(2) modulo the CRC's, bits reversed: the top bit is x^0. */
function createField(width: bigint, reversed: bigint): Field {
  const one = 1n << (width - 1n);
  const multiply = (a: bigint, b: bigint): bigint => {
    let product = 0n;
    let factor = b;
    for (let bit = one; bit !== 0n && a !== 0n; bit >>= 1n) {
      if (a & bit) product ^= factor;
      factor = factor & 1n ? (factor >> 1n) ^ reversed : factor >> 1n;
    }
    return product;
  };
  const known = new Map<number, bigint>();
  const power = (bytes: number): bigint => {
    let result = one;
    let square = one >> 8n; // x^8: one byte
    for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
      if (left & 1n) result = multiply(square, result);
      square = multiply(square, square);
    }
    return result;
  };
  return {
    multiply,
    shiftBy(bytes) {
      const found = known.get(bytes) ?? power(bytes);
      known.set(bytes, found);
      return found;
    },
  };
}
