// Rows `current` and `version`: one whole version. The hottest record, so it is laid out for listings: kind, size, time and
// ETag at fixed places, then what a listing also shows, then the rest.
//   0 format · 1 flags · 2–9 sequence · 10–17 size · 18–25 modified · 26–41 MD5 · then fields in the order written below
import type { Version, VersionKind, VersionSummary } from '../../model/object.ts';
import { readGrants, writeGrants } from './acl-fields.ts';
import { etagFormOf, readEtagRest, writeEtagHead, writeEtagRest } from './etag-fields.ts';
import {
  readAttributes,
  readBlocks,
  readChecksumKinds,
  readChecksums,
  readTags,
  writeAttributes,
  writeBlocks,
  writeChecksums,
  writeTags,
} from './object-fields.ts';
import type { Reader } from './reader.ts';
import { atPlace, decodeRecord, encodeRecord, placeOf } from './record.ts';

const format = 1;
const kinds: readonly VersionKind[] = ['object', 'marker', 'gone'];

// Flags: kind in bits 0–1, ETag form in bits 2–3.
const nullFlag = 0x10;
const manifestFlag = 0x20;
const blocksFlag = 0x40;
const partsFlag = 0x80;

export const encodeVersion = (version: Version): Buffer =>
  encodeRecord(format, (to) => {
    const form = etagFormOf(version.etag);
    const isNull = version.versionId === 'null';
    to.byte(
      placeOf(kinds, version.kind) +
        form * 4 +
        (isNull ? nullFlag : 0) +
        (version.manifest === undefined ? 0 : manifestFlag) +
        (version.blocks === undefined ? 0 : blocksFlag) +
        (version.partCount === undefined ? 0 : partsFlag),
    );
    to.u64(version.sequence);
    to.u64(version.size);
    to.u64(version.modifiedSec);
    writeEtagHead(to, version.etag, form);
    writeEtagRest(to, version.etag, form);
    if (!isNull) to.text(version.versionId);
    to.text(version.acl.owner);
    writeChecksums(to, version.checksums);
    writeGrants(to, version.acl);
    writeAttributes(to, version.attributes);
    writeTags(to, version.tags);
    if (version.manifest !== undefined) to.id(version.manifest);
    if (version.blocks !== undefined) writeBlocks(to, version.blocks);
    if (version.partCount !== undefined) to.count(version.partCount);
  });

interface Head {
  readonly flags: number;
  readonly sequence: number;
  readonly size: number;
  readonly modifiedSec: number;
  readonly etag: string;
  readonly versionId: string;
  readonly owner: string;
}

function readHead(from: Reader): Head {
  const flags = from.byte();
  const sequence = from.u64();
  const size = from.u64();
  const modifiedSec = from.u64();
  const etag = readEtagRest(from, from.id(), (flags >> 2) & 3);
  const versionId = flags & nullFlag ? 'null' : from.text();
  return { flags, sequence, size, modifiedSec, etag, versionId, owner: from.text() };
}

export const decodeVersion = (value: Buffer): Version =>
  decodeRecord('version', format, value, (from) => {
    const { flags, owner, sequence, versionId, size, modifiedSec, etag } = readHead(from);
    const kind = atPlace(kinds, flags & 3);
    const checksums = readChecksums(from);
    const acl = readGrants(from, owner);
    const attributes = readAttributes(from);
    const tags = readTags(from);
    const version: { -readonly [Name in keyof Version]: Version[Name] } = {
      kind,
      sequence,
      versionId,
      size,
      modifiedSec,
      etag,
      attributes,
      tags,
      acl,
      checksums,
    };
    if (flags & manifestFlag) version.manifest = from.id();
    if (flags & blocksFlag) version.blocks = readBlocks(from);
    if (flags & partsFlag) version.partCount = from.count();
    return version;
  });

/** What a listing shows, without touching the rest of the record. */
export const listViewOf = (value: Buffer): VersionSummary =>
  decodeRecord('version', format, value, (from) => {
    const { flags, owner, sequence, versionId, size, modifiedSec, etag } = readHead(from);
    const kind = atPlace(kinds, flags & 3);
    const checksums = readChecksumKinds(from);
    from.toEnd();
    return { kind, sequence, versionId, size, modifiedSec, etag, acl: { owner }, checksums };
  });
