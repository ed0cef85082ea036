import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChecksumName } from '../../../src/base/fault.ts';
import { MiB } from '../../../src/base/units.ts';
import type { Bucket } from '../../../src/model/bucket.ts';
import type { ChecksumType, PartRow } from '../../../src/model/object.ts';
import type { CompleteRequest } from '../../../src/objects/objects.ts';
import { audit } from './support/audit.ts';
import { bodyOf, collect, type Fixture, faultOf, never, openFixture, owner, plain } from './support/fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture({ blockBytes: 256 * 1024 }); // 5 MiB are 20 blocks: more than stand inline
});

const five = randomBytes(5 * MiB);
const six = randomBytes(6 * MiB);
const tail = Buffer.from('the last part may be short');

interface Started {
  readonly bucket: Bucket;
  readonly uploadId: string;
  part(partNumber: number, bytes: Buffer): Promise<PartRow>;
  complete(
    parts: readonly PartRow[],
    more?: Partial<CompleteRequest>,
  ): ReturnType<Fixture['objects']['completeUpload']>;
}

async function start(
  bucket: Bucket,
  key = 'k',
  choice: { checksumAlgorithm?: ChecksumName; checksumType?: ChecksumType } = {},
): Promise<Started> {
  const upload = await fixture.objects.createUpload(bucket, key, { ...plain, initiator: owner, ...choice });
  const algorithms = choice.checksumAlgorithm === undefined ? [] : [choice.checksumAlgorithm];
  return {
    bucket,
    uploadId: upload.id,
    part: (partNumber, bytes) =>
      fixture.objects.writePart(bucket, key, upload.id, partNumber, bodyOf(bytes, algorithms), never),
    complete: (parts, more) =>
      fixture.objects.completeUpload(bucket, key, {
        uploadId: upload.id,
        parts: parts.map(({ partNumber, etag, checksums }) => ({ partNumber, etag, checksums })),
        conditions: {},
        ...more,
      }),
  };
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();

describe('multipart uploads', () => {
  it('become one object with the ETag of its parts, readable by range and by part', async () => {
    const bucket = await fixture.bucket();
    const started = await start(bucket);
    const parts = [await started.part(1, five), await started.part(3, six), await started.part(7, tail)];
    await started.part(9, tail); // left over
    const before = await audit(fixture.catalog);
    const { version } = await started.complete(parts);
    const whole = Buffer.concat([five, six, tail]);
    const etag = createHash('md5')
      .update(Buffer.concat([md5(five), md5(six), md5(tail)]))
      .digest('hex');
    expect(version).toMatchObject({ etag: `${etag}-3`, size: whole.length, partCount: 3 });
    const read = async (select: object) =>
      collect((await fixture.objects.read(bucket, 'k', { select }, { signal: never })).body);
    expect((await read({})).equals(whole)).toBe(true);
    for (const [from, to] of [
      [0, 0],
      [5 * MiB - 3, 5 * MiB + 3],
      [100, 11 * MiB + 5],
    ] as const) {
      expect((await read({ rangeText: `bytes=${from}-${to}` })).equals(whole.subarray(from, to + 1))).toBe(true);
    }
    expect((await read({ partNumber: 3 })).equals(six)).toBe(true);
    expect((await read({ partNumber: 7 })).equals(tail)).toBe(true);
    expect(await faultOf(read({ partNumber: 2 }))).toBe('part-number-unsatisfiable');
    const listed = await fixture.objects.parts(version, { limit: 2 });
    expect([listed.parts.map((part) => part.partNumber), listed.truncated]).toEqual([[1, 3], true]);
    expect((await fixture.objects.parts(version, { after: 3, limit: 2 })).parts.map((part) => part.size)).toEqual([
      tail.length,
    ]);
    const after = await audit(fixture.catalog);
    expect(after.faults).toEqual([]);
    expect(after.dropped - before.dropped).toBe(1);
    expect(await faultOf(started.part(1, tail))).toBe('upload-missing');

    // The identical request is answered again, also when the object is gone; another one is not.
    await fixture.objects.remove(bucket, 'k', { owner });
    expect((await started.complete(parts)).version).toMatchObject({ etag: version.etag, checksums: [] });
    expect(await faultOf(started.complete(parts.slice(0, 2)))).toBe('upload-missing');
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('refuse lists that do not fit, and stay open', async () => {
    const started = await start(await fixture.bucket());
    const one = await started.part(1, tail);
    const two = await started.part(2, five);
    const complete = (parts: readonly PartRow[], more?: Partial<CompleteRequest>) =>
      faultOf(started.complete(parts, more));
    expect(await complete([])).toBe('request-invalid');
    expect(await complete([two, one])).toBe('part-order');
    expect(await complete([two, two])).toBe('part-order');
    expect(await complete([one, two])).toBe('part-too-small');
    expect(await complete([{ ...two, etag: one.etag }])).toBe('part-invalid');
    expect(await complete([two, { ...one, partNumber: 4 }])).toBe('part-invalid');
    const checksums = [{ algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'AAAAAA==' }] as const;
    expect(await complete([{ ...two, checksums }])).toBe('part-invalid');
    expect(await complete([two], { objectSize: 1 })).toBe('upload-size-mismatch');
    expect(await complete([two], { conditions: { ifMatch: '*' } })).toBe('key-missing');
    expect(await complete([two], { objectSize: five.length, conditions: { ifNoneMatch: '*' } })).toBe('none');
    for (const uploadId of ['', 'x', 'f'.repeat(32), '../..']) {
      expect(await faultOf(started.complete([two], { uploadId }))).toBe('upload-missing');
    }
    expect(await faultOf(started.part(0, tail))).toBe('argument-invalid');
    expect(await faultOf(started.part(10_001, tail))).toBe('argument-invalid');
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('join checksums: composite and of the full object', async () => {
    const bucket = await fixture.bucket();
    for (const checksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
      for (const checksumType of ['COMPOSITE', 'FULL_OBJECT'] as const) {
        const allowed =
          checksumType === 'COMPOSITE' ? checksumAlgorithm !== 'CRC64NVME' : /CRC/.test(checksumAlgorithm);
        const story = start(bucket, 'k', { checksumAlgorithm, checksumType });
        if (!allowed) {
          expect(await faultOf(story)).toBe('request-invalid');
          continue;
        }
        const started = await story;
        const parts = [await started.part(1, five), await started.part(2, tail)];
        const bad = { checksum: { algorithm: checksumAlgorithm, value: 'bad' } };
        expect(await faultOf(started.complete(parts, bad))).toBe('digest-mismatch');
        const other = {
          checksum: { algorithm: checksumAlgorithm === 'SHA1' ? 'CRC32' : 'SHA1', value: 'bad' },
        } as const;
        expect(await faultOf(started.complete(parts, other))).toBe('upload-checksum-mismatch');
        const { version } = await started.complete(parts, { checksumType });
        const [checksum] = version.checksums;
        expect(checksum).toMatchObject({ algorithm: checksumAlgorithm, type: checksumType });
        if (checksumType === 'COMPOSITE') {
          expect(checksum!.value).toMatch(/^[\w+/]+=*-2$/);
        } else {
          const body = bodyOf(Buffer.concat([five, tail]), [checksumAlgorithm]);
          await collect(body);
          expect(checksum!.value).toBe(body.digests.checksums.get(checksumAlgorithm));
        }
      }
    }
  });

  it('compute the checksum of a part whose client declared none', async () => {
    const bucket = await fixture.bucket();
    const choice = { checksumAlgorithm: 'CRC64NVME' } as const;
    const upload = await fixture.objects.createUpload(bucket, 'k', { ...plain, initiator: owner, ...choice });
    const part = await fixture.objects.writePart(bucket, 'k', upload.id, 1, bodyOf(tail), never);
    const body = bodyOf(tail, ['CRC64NVME']);
    await collect(body);
    expect(part.checksums).toEqual([
      { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', value: body.digests.checksums.get('CRC64NVME') },
    ]);
  });

  it('let a later body of a part replace the earlier one', async () => {
    const started = await start(await fixture.bucket());
    await started.part(1, five);
    const again = await started.part(1, tail);
    await started.complete([again]);
    expect(await fixture.get(started.bucket, 'k')).toBe(tail.toString());
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('copy ranges of other objects into parts', async () => {
    const bucket = await fixture.bucket();
    await fixture.put(bucket, 'source', '0123456789');
    const { uploadId, complete } = await start(bucket);
    const copy = (rangeText?: string) =>
      fixture.objects.copyPart(
        {
          source: { bucket, key: 'source' },
          sourceConditions: {},
          ...(rangeText !== undefined && { rangeText }),
          target: { bucket, key: 'k', uploadId, partNumber: 1 },
        },
        never,
      );
    for (const bad of ['0-2', 'bytes=0', 'bytes=0-2,3-5', 'bytes=-5', 'bytes=5-2']) {
      expect(await faultOf(copy(bad))).toBe('argument-invalid');
    }
    expect(await faultOf(copy('bytes=0-10'))).toBe('copy-range-invalid');
    const { part } = await copy('bytes=2-4');
    expect(part.etag).toBe(md5(Buffer.from('234')).toString('hex'));
    await complete([part]);
    expect(await fixture.get(bucket, 'k')).toBe('234');
    expect(await faultOf(copy())).toBe('upload-missing');
    expect(fixture.blocks.running()).toBe(0);
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('release everything when aborted', async () => {
    const started = await start(await fixture.bucket());
    await started.part(1, five);
    await started.part(2, tail);
    const abort = (ask?: { ifInitiatedSec: number }) =>
      fixture.objects.abortUpload(started.bucket, 'k', started.uploadId, ask);
    expect(await faultOf(abort({ ifInitiatedSec: 1 }))).toBe('precondition-failed');
    await abort();
    expect(await faultOf(abort())).toBe('upload-missing');
    expect(await faultOf(started.part(3, tail))).toBe('upload-missing');
    expect((await fixture.objects.listUploads(started.bucket, { prefix: '', limit: 10 })).entries).toEqual([]);
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('share their parts with copies of the object', async () => {
    const bucket = await fixture.bucket();
    const started = await start(bucket);
    const { version } = await started.complete([await started.part(1, five), await started.part(2, tail)]);
    const copied = await fixture.objects.copy(
      {
        source: { bucket, key: 'k' },
        sourceConditions: {},
        target: { bucket, key: 'copy' },
        conditions: {},
        acl: plain.acl,
        checksumAlgorithm: 'SHA256',
      },
      never,
    );
    expect(copied.version).toMatchObject({ etag: version.etag, partCount: 2, manifest: version.manifest });
    const sha = createHash('sha256').update(five).update(tail).digest('base64');
    expect(copied.version.checksums).toEqual([{ algorithm: 'SHA256', type: 'FULL_OBJECT', value: sha }]);
    await fixture.objects.remove(bucket, 'k', { owner });
    expect(await fixture.get(bucket, 'copy')).toBe(Buffer.concat([five, tail]).toString());
    expect((await audit(fixture.catalog)).faults).toEqual([]);
    await fixture.objects.remove(bucket, 'copy', { owner });
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });

  it('do not keep a bucket from being deleted', async () => {
    const started = await start(await fixture.bucket());
    await started.part(1, tail);
    await fixture.objects.deleteBucket(started.bucket.name);
    expect(await faultOf(started.part(2, tail))).toMatch(/missing/);
    expect((await audit(fixture.catalog)).faults).toEqual([]);
  });
});

describe('uploads and parts', () => {
  it('are listed by key and time, in pages', async () => {
    const bucket = await fixture.bucket();
    const ids: [string, string][] = [];
    for (const key of ['a', 'b/1', 'b/2', 'c', 'a']) ids.push([key, (await start(bucket, key)).uploadId]);
    const list = (query: object) => fixture.objects.listUploads(bucket, { prefix: '', limit: 1000, ...query });
    const sorted = ids.toSorted((x, y) => (x[0] === y[0] ? (x[1] < y[1] ? -1 : 1) : x[0] < y[0] ? -1 : 1));
    const all = await list({});
    expect(all.entries.map(({ key, id }) => [key, id])).toEqual(sorted);
    const rolled = await list({ delimiter: '/', limit: 3 });
    expect([rolled.entries.map(({ key }) => key), rolled.commonPrefixes, rolled.truncated, rolled.next]).toEqual([
      ['a', 'a'],
      ['b/'],
      true,
      'b/',
    ]);
    expect((await list({ delimiter: '/', after: 'b/' })).entries.map(({ key }) => key)).toEqual(['c']);
    expect((await list({ after: 'a' })).entries.map(({ key }) => key)).toEqual(['b/1', 'b/2', 'c']);
    const second = await list({ after: 'a', afterUploadId: sorted[0]![1], limit: 1 });
    expect([second.entries[0]?.id, second.nextUploadId, second.truncated]).toEqual([
      sorted[1]![1],
      sorted[1]![1],
      true,
    ]);

    const started = await start(bucket, 'p');
    for (const partNumber of [5, 1, 10_000]) await started.part(partNumber, tail);
    const page = await fixture.objects.listParts(bucket, 'p', started.uploadId, { after: 1, limit: 1 });
    expect([page.parts.map((part) => part.partNumber), page.truncated]).toEqual([[5], true]);
    const rest = await fixture.objects.listParts(bucket, 'p', started.uploadId, { after: 10_000, limit: 10 });
    expect([rest.parts, rest.truncated]).toEqual([[], false]);
  });
});
