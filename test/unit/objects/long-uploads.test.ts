// Ten thousand parts: written straight into the catalog, since their bytes do not matter here.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { caps } from '../../../src/base/caps.ts';
import { randomId, systemRandom } from '../../../src/base/random.ts';
import type { Change } from '../../../src/catalog/catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeBlock } from '../../../src/catalog/records/block.ts';
import { encodePart } from '../../../src/catalog/records/part.ts';
import type { BlockRef } from '../../../src/model/block.ts';
import type { PartRow } from '../../../src/model/object.ts';
import { segmentsOf } from '../../../src/objects/manifest.ts';
import { audit } from './support/audit.ts';
import { type Fixture, faultOf, openFixture, owner, plain } from './support/fixture.ts';

const partBytes = caps.partBytesMin;

async function fill(fixture: Fixture, uploadId: string, count: number): Promise<PartRow[]> {
  const parts: PartRow[] = [];
  for (let from = 1; from <= count; from += 400) {
    const writes: [Buffer, Buffer][] = [];
    for (let partNumber = from; partNumber < Math.min(from + 400, count + 1); partNumber++) {
      const id = randomId(systemRandom);
      const row = { partition: 'm', pack: '0'.repeat(32), offset: 0, length: partBytes, sliceCrcs: [] };
      writes.push([keys.block(id), encodeBlock({ ...row, area: '0'.repeat(32), generation: 0 })]);
      const etag = createHash('md5').update(String(partNumber)).digest('hex');
      const blocks: BlockRef[] = [{ id, length: partBytes }];
      const part = {
        partNumber,
        size: partBytes,
        etag,
        modifiedMs: 0,
        checksums: [],
        blocks,
        manifest: randomId(systemRandom),
      };
      parts.push(part);
      writes.push([keys.manifestPart(uploadId, partNumber), encodePart(part)]);
    }
    await fixture.catalog.commit({ checks: [], writes });
  }
  return parts;
}

it('an upload of 10,000 parts is completed, read anywhere, shared and removed', async () => {
  let rowsMax = 0;
  const fixture = await openFixture({
    wrap: (inner) => ({
      get: (key) => inner.get(key),
      range: (from, to, options) => inner.range(from, to, options),
      close: () => inner.close(),
      commit: (change: Change) => {
        rowsMax = Math.max(rowsMax, change.checks.length + change.writes.length);
        return inner.commit(change);
      },
    }),
  });
  const bucket = await fixture.bucket();
  const made = { ...plain, initiator: owner };
  const upload = await fixture.objects.createUpload(bucket, 'k', made);
  const all = await fill(fixture, upload.id, 10_000);
  rowsMax = 0;
  const parts = all.filter((part) => part.partNumber % 10 !== 0); // 1,000 are left over
  const refused = { uploadId: upload.id, parts, conditions: { ifMatch: '*' } };
  expect(await faultOf(fixture.objects.completeUpload(bucket, 'k', refused))).toBe('key-missing');
  const listed = await fixture.objects.listParts(bucket, 'k', upload.id, { after: 9, limit: 1 });
  expect(listed.parts[0]!.partNumber).toBe(10); // a refused Complete drops nothing
  const { version } = await fixture.objects.completeUpload(bucket, 'k', { uploadId: upload.id, parts, conditions: {} });
  expect(version).toMatchObject({ size: 9000 * partBytes, partCount: 9000 });
  expect(version.etag.endsWith('-9000')).toBe(true);
  expect(rowsMax).toBeLessThanOrEqual(1000);
  expect((await audit(fixture.catalog)).faults).toEqual([]);

  const found = await fixture.objects.find(bucket, 'k', { select: { partNumber: 9999 } });
  expect([found.part?.etag, found.range.end]).toEqual([all[9998]!.etag, 9000 * partBytes]);
  expect(await faultOf(fixture.objects.find(bucket, 'k', { select: { partNumber: 10 } }))).toBe(
    'part-number-unsatisfiable',
  );
  const middle = { start: 4500 * partBytes - 1, end: 4500 * partBytes + 1 };
  const segments = [];
  for await (const segment of segmentsOf(fixture.catalog, version, middle)) segments.push(segment);
  const ids = segments.flatMap(({ blocks }) => blocks.map((block) => block.id));
  expect(ids).toEqual([parts[4499]!.blocks![0]!.id, parts[4500]!.blocks![0]!.id]);

  await fixture.objects.remove(bucket, 'k', { owner });
  const removed = await audit(fixture.catalog);
  expect([removed.faults, removed.live, removed.dropped]).toEqual([[], 0, 10_000]);
});

it('an upload of 2,000 parts is aborted in steps', async () => {
  const fixture = await openFixture();
  const bucket = await fixture.bucket();
  const upload = await fixture.objects.createUpload(bucket, 'k', { ...plain, initiator: owner });
  await fill(fixture, upload.id, 2000);
  await Promise.all([
    fixture.objects.abortUpload(bucket, 'k', upload.id),
    faultOf(fixture.worker().abortUpload(bucket, 'k', upload.id)),
  ]);
  const after = await audit(fixture.catalog);
  expect([after.faults, after.live, after.dropped]).toEqual([[], 0, 2000]);
});
