import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChecksumName } from '../../../src/base/fault.ts';
import { checksumBytes, createDigester } from '../../../src/objects/digester.ts';

const all: ChecksumName[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

async function digest(chunks: Uint8Array[], algorithms: ChecksumName[] = all) {
  const digester = await createDigester(algorithms);
  for (const chunk of chunks) digester.update(chunk);
  return digester.digests();
}

describe('digester', () => {
  it('knows the check values of the published algorithms', async () => {
    const { size, md5, checksums } = await digest([Buffer.from('123456789')]);
    expect(size).toBe(9);
    expect(md5.toString('hex')).toBe('25f9e794323b453885f5181f1b624d0b');
    const hex = Object.fromEntries(
      [...checksums].map(([name, value]) => [name, Buffer.from(value, 'base64').toString('hex')]),
    );
    expect(hex).toEqual({
      CRC32: 'cbf43926',
      CRC32C: 'e3069283',
      CRC64NVME: 'ae8b14860a799888',
      SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
      SHA256: createHash('sha256').update('123456789').digest('hex'),
    });
  });

  it('digests an empty body', async () => {
    const { size, md5, checksums } = await digest([]);
    expect(size).toBe(0);
    expect(md5.toString('hex')).toBe('d41d8cd98f00b204e9800998ecf8427e');
    expect(checksums.get('CRC32')).toBe('AAAAAA==');
    expect(checksums.get('CRC64NVME')).toBe('AAAAAAAAAAA=');
  });

  it('does not depend on how the body is cut, also when instances are reused and interleaved', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (chunks) => {
        const other = await createDigester(['CRC64NVME']);
        other.update(Buffer.from('noise'));
        const cut = await digest(chunks);
        expect(cut).toEqual(await digest([Buffer.concat(chunks)]));
        other.update(Buffer.from(' more'));
        expect(other.digests().checksums).toEqual((await digest([Buffer.from('noise more')], ['CRC64NVME'])).checksums);
        for (const name of all)
          expect(Buffer.from(cut.checksums.get(name)!, 'base64').length).toBe(checksumBytes[name]);
      }),
      { numRuns: 60 },
    );
  });
});
