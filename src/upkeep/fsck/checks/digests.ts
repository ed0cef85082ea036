// I10: ETags and checksums are those of the bytes, computed anew for a sample of the objects.
import type { ChecksumName } from '../../../base/fault.ts';
import type { ByteRange } from '../../../base/range.ts';
import { tag } from '../../../catalog/keys.ts';
import { decodePart } from '../../../catalog/records/part.ts';
import { decodeVersion, listViewOf } from '../../../catalog/records/version.ts';
import type { PartRow, Version } from '../../../model/object.ts';
import { joinChecksums } from '../../../objects/checksums.ts';
import { createDigester } from '../../../objects/digester.ts';
import { joinEtags } from '../../../objects/join-parts.ts';
import { segmentsOf } from '../../../objects/manifest.ts';
import { piecesOf, readBlocks } from '../../../objects/read-blocks.ts';
import type { Digests } from '../../../objects/upload-body.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';
import type { Ground } from '../ground.ts';
import { versionName } from '../names.ts';

/** Spread evenly over all versions. */
const sampleMax = 1000;

export const digestsCheck: Check = {
  name: 'digests',
  promise: `ETags and checksums are those of the bytes (${sampleMax} objects, spread evenly)`,
  deep: true,
  async run(ground, findings) {
    const { catalog } = ground;
    let objects = 0;
    for (const kind of [tag.current, tag.version] as const) {
      for await (const { value } of walkKind(catalog, kind)) if (listViewOf(value).kind === 'object') objects += 1;
    }
    const step = Math.max(1, Math.ceil(objects / sampleMax));
    let at = 0;
    for (const kind of [tag.current, tag.version] as const) {
      for await (const { key, value } of walkKind(catalog, kind)) {
        if (listViewOf(value).kind !== 'object' || at++ % step > 0) continue;
        findings.look();
        for (const wrong of await wrongWith(ground, decodeVersion(value)).catch(unreadable))
          findings.break(`${versionName(key)}: ${wrong}`);
      }
    }
  },
};

const unreadable = (error: Error): string[] => [`cannot be read: ${error.message}`];

async function wrongWith(ground: Ground, version: Version): Promise<string[]> {
  const parts = await readParts(ground, version);
  const whole = version.checksums.filter(({ type }) => type === 'FULL_OBJECT').map(({ algorithm }) => algorithm);
  const range = { start: 0, end: parts === undefined || whole.length > 0 ? version.size : 0 };
  const digests = await digestOf(ground, version, range, whole);
  const etag = parts === undefined ? digests.md5.toString('hex') : joinEtags(parts);
  const wrong = etag === version.etag ? [] : [`the ETag is ${version.etag}, the bytes say ${etag}`];
  for (const { algorithm, type, value } of version.checksums) {
    const found = type === 'FULL_OBJECT' ? digests.checksums.get(algorithm) : await compositeOf(algorithm, parts ?? []);
    if (found !== value) wrong.push(`${algorithm} is ${value}, the bytes say ${found}`);
  }
  return wrong;
}

/** The parts of a multipart object as their bytes say that they are. */
async function readParts(ground: Ground, version: Version): Promise<PartRow[] | undefined> {
  const { manifest, partCount } = version;
  if (manifest === undefined || partCount === undefined) return undefined;
  const parts: PartRow[] = [];
  let start = 0;
  for await (const { value } of walkKind(ground.catalog, tag.manifestPart, manifest)) {
    const part = decodePart(value);
    const algorithms = part.checksums.map(({ algorithm }) => algorithm);
    const { md5, checksums } = await digestOf(ground, version, { start, end: start + part.size }, algorithms);
    start += part.size;
    const found = [...checksums].map(([algorithm, sum]) => ({ algorithm, type: 'FULL_OBJECT', value: sum }) as const);
    parts.push({ ...part, etag: md5.toString('hex'), checksums: found });
  }
  return parts;
}

async function compositeOf(algorithm: ChecksumName, parts: readonly PartRow[]): Promise<string> {
  const values = parts.map(({ checksums, size }) => {
    const value = checksums.find((one) => one.algorithm === algorithm)?.value ?? '';
    return { value, size };
  });
  return await joinChecksums(algorithm, 'COMPOSITE', values);
}

async function digestOf(
  { catalog, deps }: Ground,
  version: Version,
  range: ByteRange,
  algorithms: readonly ChecksumName[],
): Promise<Digests> {
  const partition = (id: string) => deps.partitions.get(id)?.partition;
  const digester = await createDigester(algorithms);
  for await (const segment of segmentsOf(catalog, version, range)) {
    const pieces = piecesOf(segment.blocks, segment.range);
    for await (const bytes of readBlocks({ catalog, partition }, pieces)) digester.update(bytes);
  }
  return digester.digests();
}
