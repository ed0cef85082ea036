// Fields that versions, parts and uploads share: blocks, checksums, attributes, tags.
import type { ChecksumName } from '../../base/fault.ts';
import type { BlockRef } from '../../model/block.ts';
import type { Tag } from '../../model/bucket.ts';
import type { Checksum, ChecksumType, ObjectAttributes } from '../../model/object.ts';
import type { Reader } from './reader.ts';
import { atPlace, placeOf, readList, writeList } from './record.ts';
import type { Writer } from './writer.ts';

export function writeBlocks(to: Writer, blocks: readonly BlockRef[]): void {
  writeList(to, blocks, (block) => {
    to.id(block.id);
    to.count(block.length);
  });
}

export const readBlocks = (from: Reader): BlockRef[] => readList(from, () => ({ id: from.id(), length: from.count() }));

export function writeTags(to: Writer, tags: readonly Tag[]): void {
  writeList(to, tags, ([key, value]) => {
    to.text(key);
    to.text(value);
  });
}

export const readTags = (from: Reader): Tag[] => readList(from, () => [from.text(), from.text()] as const);

export const algorithms: readonly ChecksumName[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];
export const checksumTypes: readonly ChecksumType[] = ['FULL_OBJECT', 'COMPOSITE'];

// How a checksum's value is stored; above the algorithm (3 bits) and the type (1 bit) of its head byte.
const asText = 0;
const asBytes = 1;
const asBytesAndCount = 2;

export function writeChecksums(to: Writer, checksums: readonly Checksum[]): void {
  writeList(to, checksums, ({ algorithm, type, value }) => {
    const head = placeOf(algorithms, algorithm) + 8 * placeOf(checksumTypes, type);
    const dash = value.indexOf('-');
    const base64 = dash < 0 ? value : value.slice(0, dash);
    const bytes = Buffer.from(base64, 'base64');
    const count = dash < 0 ? 0 : Number(value.slice(dash + 1));
    const counted = dash >= 0 && Number.isSafeInteger(count) && count >= 0;
    if (bytes.toString('base64') + (counted ? `-${count}` : '') !== value) {
      to.byte(head + 16 * asText);
      to.text(value);
    } else {
      to.byte(head + 16 * (counted ? asBytesAndCount : asBytes));
      to.blob(bytes);
      if (counted) to.count(count);
    }
  });
}

export const readChecksums = (from: Reader): Checksum[] =>
  readList(from, () => {
    const head = from.byte();
    const form = head >> 4;
    return {
      algorithm: atPlace(algorithms, head & 7),
      type: atPlace(checksumTypes, (head >> 3) & 1),
      value:
        form === asText
          ? from.text()
          : form === asBytes
            ? from.blob().toString('base64')
            : `${from.blob().toString('base64')}-${from.count()}`,
    };
  });

export type ChecksumKind = Pick<Checksum, 'algorithm' | 'type'>;

/** What a listing shows of checksums; the values are skipped. */
export const readChecksumKinds = (from: Reader): ChecksumKind[] =>
  readList(from, () => {
    const head = from.byte();
    const form = head >> 4;
    if (form === asText) from.skipText();
    else from.skip(from.count());
    if (form === asBytesAndCount) from.count();
    return { algorithm: atPlace(algorithms, head & 7), type: atPlace(checksumTypes, (head >> 3) & 1) };
  });

/** The place of a name is its bit: append only. */
const headerFields = [
  'contentType',
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'expires',
  'websiteRedirectLocation',
] as const satisfies readonly (keyof ObjectAttributes)[];

export function writeAttributes(to: Writer, attributes: ObjectAttributes): void {
  let present = 0;
  for (let bit = 0; bit < headerFields.length; bit++) {
    if (attributes[headerFields[bit]!] !== undefined) present |= 1 << bit;
  }
  to.byte(present);
  for (const name of headerFields) {
    const value = attributes[name];
    if (value !== undefined) to.text(value);
  }
  writeList(to, attributes.metadata, ([name, value]) => {
    to.text(name);
    to.text(value);
  });
}

export function readAttributes(from: Reader): ObjectAttributes {
  const present = from.byte();
  if (present >> headerFields.length) throw new RangeError(`unknown attribute bits ${present}`);
  const attributes: { -readonly [Name in keyof ObjectAttributes]: ObjectAttributes[Name] } = { metadata: [] };
  for (let bit = 0; present >> bit; bit++) {
    if ((present >> bit) & 1) attributes[headerFields[bit]!] = from.text();
  }
  attributes.metadata = readList(from, () => [from.text(), from.text()] as const);
  return attributes;
}
