import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChecksumName } from '../../../src/base/fault.ts';
import { allowsChecksumType, joinChecksums } from '../../../src/objects/checksums.ts';
import { createDigester } from '../../../src/objects/digester.ts';

async function checksum(algorithm: ChecksumName, bytes: Uint8Array): Promise<string> {
  const digester = await createDigester([algorithm]);
  digester.update(bytes);
  return digester.digests().checksums.get(algorithm)!;
}

describe('checksums', () => {
  for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
    it(`${algorithm} of the parts combines to that of the whole`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 4000 }), { minLength: 1, maxLength: 7 }),
          async (parts) => {
            const known = await Promise.all(
              parts.map(async (part) => ({ value: await checksum(algorithm, part), size: part.length })),
            );
            expect(await joinChecksums(algorithm, 'FULL_OBJECT', known)).toBe(
              await checksum(algorithm, Buffer.concat(parts)),
            );
          },
        ),
        { numRuns: 60 },
      );
    });

    it(`${algorithm} combines over lengths beyond 4 GiB`, async () => {
      // The same 16 GiB of zeros, joined as one run of doublings and as sixteen equal parts.
      const zeros = async (doublings: number) => {
        let part = { value: await checksum(algorithm, Buffer.alloc(1 << 20)), size: 1 << 20 };
        for (let n = 0; n < doublings; n++) {
          part = { value: await joinChecksums(algorithm, 'FULL_OBJECT', [part, part]), size: part.size * 2 };
        }
        return part;
      };
      const whole = await zeros(14);
      expect(whole.size).toBe(2 ** 34);
      const sixteenth = await zeros(10);
      expect(await joinChecksums(algorithm, 'FULL_OBJECT', Array(16).fill(sixteenth))).toBe(whole.value);
    });
  }

  it('composite is the hash of the raw part hashes with their number', async () => {
    const parts = ['one', 'two', 'three'].map((text) => createHash('sha256').update(text).digest());
    const whole = createHash('sha256').update(Buffer.concat(parts)).digest('base64');
    const known = parts.map((part) => ({ value: part.toString('base64'), size: 3 }));
    expect(await joinChecksums('SHA256', 'COMPOSITE', known)).toBe(`${whole}-3`);
    const crcs = [{ value: await checksum('CRC32C', Buffer.from('a')), size: 1 }];
    expect(await joinChecksums('CRC32C', 'COMPOSITE', crcs)).toBe(
      `${await checksum('CRC32C', Buffer.from(crcs[0]!.value, 'base64'))}-1`,
    );
  });

  it('says which types an algorithm allows', () => {
    expect(allowsChecksumType('CRC64NVME', 'COMPOSITE')).toBe(false);
    expect(allowsChecksumType('SHA1', 'FULL_OBJECT')).toBe(false);
    expect(allowsChecksumType('SHA256', 'COMPOSITE')).toBe(true);
    expect(allowsChecksumType('CRC32', 'FULL_OBJECT')).toBe(true);
  });
});
