// Judges a Complete's list against the parts that were uploaded, and works out what the whole object is: its size, ETag,
// checksums and the order of its blocks.
import { createHash } from 'node:crypto';
import { caps } from '../base/caps.ts';
import { type ChecksumName, Fault } from '../base/fault.ts';
import type { ManifestEntry } from '../catalog/records/manifest.ts';
import type { BlockRef } from '../model/block.ts';
import type { Checksum, ChecksumType, PartRow, Upload } from '../model/object.ts';
import { allowsChecksumType, defaultChecksumType, joinChecksums } from './checksums.ts';
import { unquoted } from './conditions.ts';
import type { CompletedPart, CompleteRequest } from './objects.ts';
import type { StoredPart } from './running-upload.ts';

export interface JoinedParts {
  readonly size: number;
  readonly etag: string;
  readonly checksums: readonly Checksum[];
  readonly partCount: number;
  /** All blocks in order while they are few; else `entries`. */
  readonly blocks?: readonly BlockRef[];
  readonly entries?: readonly ManifestEntry[];
  /** Uploaded, but not in the list. */
  readonly leftovers: readonly StoredPart[];
}

export function assertAscending(listed: readonly CompletedPart[]): void {
  if (listed.length === 0) {
    throw new Fault({ kind: 'request-invalid', message: 'You must specify at least one part' });
  }
  listed.forEach(({ partNumber }, place) => {
    if (place > 0 && partNumber <= listed[place - 1]!.partNumber) throw new Fault({ kind: 'part-order' });
  });
}

export async function joinParts(
  upload: Upload,
  stored: readonly StoredPart[],
  request: CompleteRequest,
): Promise<JoinedParts> {
  const byNumber = new Map(stored.map((one) => [one.part.partNumber, one]));
  const chosen = request.parts.map((listed) => choose(upload, byNumber.get(listed.partNumber)?.part, listed));
  chosen.slice(0, -1).forEach(refuseTooSmall);
  const size = chosen.reduce((sum, part) => sum + part.size, 0);
  if (size > caps.objectBytesMax) throw new Fault({ kind: 'body-too-large', sizeMax: caps.objectBytesMax });
  if (request.objectSize !== undefined && request.objectSize !== size) {
    throw new Fault({ kind: 'upload-size-mismatch' });
  }
  for (const { partNumber } of chosen) byNumber.delete(partNumber);
  return {
    size,
    etag: joinEtags(chosen),
    checksums: await joinDeclared(upload, chosen, request),
    partCount: chosen.length,
    ...joinBlocks(chosen),
    leftovers: [...byNumber.values()],
  };
}

function choose(upload: Upload, part: PartRow | undefined, listed: CompletedPart): PartRow {
  const matches =
    part !== undefined &&
    unquoted(listed.etag) === part.etag &&
    listed.checksums.every(({ algorithm, value }) => checksumValue(part, algorithm) === value);
  if (!matches) throw new Fault({ kind: 'part-invalid', partNumber: listed.partNumber, uploadId: upload.id });
  return part;
}

const checksumValue = (part: PartRow, algorithm: ChecksumName): string | undefined =>
  part.checksums.find((checksum) => checksum.algorithm === algorithm)?.value;

function refuseTooSmall({ partNumber, size }: PartRow): void {
  const sizeMin = caps.partBytesMin;
  if (size < sizeMin) throw new Fault({ kind: 'part-too-small', partNumber, size, sizeMin });
}

export function joinEtags(chosen: readonly PartRow[]): string {
  const md5 = createHash('md5');
  for (const part of chosen) md5.update(Buffer.from(part.etag, 'hex'));
  return `${md5.digest('hex')}-${chosen.length}`;
}

/** The checksum that the upload was created with, or that this request declares; refused where it does not hold. */
async function joinDeclared(
  upload: Upload,
  chosen: readonly PartRow[],
  { checksum: declared, checksumType }: CompleteRequest,
): Promise<Checksum[]> {
  const algorithm = upload.checksumAlgorithm ?? declared?.algorithm;
  if (declared !== undefined && declared.algorithm !== algorithm) {
    throw mismatch(`the upload was created with ${algorithm}, not ${declared.algorithm}`);
  }
  if (upload.checksumType !== undefined && checksumType !== undefined && checksumType !== upload.checksumType) {
    throw mismatch(`the upload was created with the checksum type ${upload.checksumType}, not ${checksumType}`);
  }
  if (algorithm === undefined) return [];
  const type = upload.checksumType ?? checksumType ?? declaredType(algorithm, declared?.value);
  if (!allowsChecksumType(algorithm, type)) throw mismatch(`${algorithm} does not allow the type ${type}`);
  const values = chosen.map((part) => {
    const value = checksumValue(part, algorithm);
    if (value === undefined) throw mismatch(`part ${part.partNumber} was uploaded without ${algorithm}`);
    return { value, size: part.size };
  });
  const value = await joinChecksums(algorithm, type, values);
  if (declared !== undefined && declared.value !== value && `${declared.value}-${chosen.length}` !== value) {
    throw new Fault({ kind: 'digest-mismatch', digest: algorithm });
  }
  return [{ algorithm, type, value }];
}

/** What is declared for an upload that was created without a type shows by its form which it is. */
function declaredType(algorithm: ChecksumName, value: string | undefined): ChecksumType {
  if (value === undefined || value.includes('-')) return defaultChecksumType(algorithm);
  return allowsChecksumType(algorithm, 'FULL_OBJECT') ? 'FULL_OBJECT' : 'COMPOSITE';
}

const mismatch = (message: string): Fault => new Fault({ kind: 'upload-checksum-mismatch', message });

/** Short parts give their blocks; long ones, whose blocks stand in manifest rows, are named as a whole. */
function joinBlocks(chosen: readonly PartRow[]): Pick<JoinedParts, 'blocks' | 'entries'> {
  const count = chosen.reduce((sum, { blocks }) => sum + (blocks?.length ?? 0), 0);
  const allShort = chosen.every((part) => part.blocks !== undefined || part.size === 0);
  if (allShort && count <= caps.inlineBlocksMax) return { blocks: chosen.flatMap((part) => part.blocks ?? []) };
  return { entries: chosen.flatMap(entriesOf) };
}

function entriesOf({ blocks, manifest, size }: PartRow): ManifestEntry[] {
  if (blocks !== undefined) return blocks.map((block) => ({ kind: 'block', block }));
  return manifest === undefined ? [] : [{ kind: 'manifest', manifest, length: size }];
}
