// Every record reads back as it was written; damage is a catalog-failed fault, never a wrong value of the right shape.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/base/fault.ts';
import { decodeAct, encodeAct } from '../../../src/catalog/records/act.ts';
import { type AreaRow, decodeArea, encodeArea } from '../../../src/catalog/records/area.ts';
import { blockViewIf, blockViewOf, decodeBlock, encodeBlock } from '../../../src/catalog/records/block.ts';
import { decodeBucket, encodeBucket } from '../../../src/catalog/records/bucket.ts';
import {
  type DecisionRow,
  decodeDecision,
  decodeDecisionInput,
  encodeDecision,
  encodeDecisionInput,
} from '../../../src/catalog/records/decision.ts';
import { decodeDeclared, encodeDeclared } from '../../../src/catalog/records/declared.ts';
import { decodeDelta, decodeUsage, encodeDelta, encodeUsage } from '../../../src/catalog/records/delta.ts';
import { type DroppedRow, decodeDropped, encodeDropped } from '../../../src/catalog/records/dropped.ts';
import {
  decodeFinishedUpload,
  encodeFinishedUpload,
  type FinishedUpload,
} from '../../../src/catalog/records/finished-upload.ts';
import { internedTexts } from '../../../src/catalog/records/interned.ts';
import { decodeLease, encodeLease } from '../../../src/catalog/records/lease.ts';
import {
  decodeManifestChunk,
  encodeManifestChunk,
  manifestEntryLength,
} from '../../../src/catalog/records/manifest.ts';
import { decodePack, encodePack, type PackRow } from '../../../src/catalog/records/pack.ts';
import { decodePart, encodePart } from '../../../src/catalog/records/part.ts';
import { decodePartition, encodePartition, type PartitionRow } from '../../../src/catalog/records/partition.ts';
import { decodePin, encodePin } from '../../../src/catalog/records/pin.ts';
import { decodeReference, encodeReference } from '../../../src/catalog/records/reference.ts';
import { decodeSequence, encodeSequence } from '../../../src/catalog/records/sequence.ts';
import {
  decodeHeartbeat,
  decodeSession,
  encodeHeartbeat,
  encodeSession,
} from '../../../src/catalog/records/session.ts';
import { decodeSetting, encodeSetting } from '../../../src/catalog/records/setting.ts';
import { decodeUpload, encodeUpload } from '../../../src/catalog/records/upload.ts';
import { decodeVersion, encodeVersion, listViewOf } from '../../../src/catalog/records/version.ts';
import * as any from './arbitraries.ts';

interface Codec<T> {
  readonly values: fc.Arbitrary<T>;
  readonly encode: (value: T) => Buffer;
  readonly decode: (bytes: Buffer) => T;
}

const codec = <T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Buffer,
  decode: (bytes: Buffer) => T,
): Codec<unknown> => ({ values, encode, decode }) as Codec<unknown>;

const codecs: Record<string, Codec<unknown>> = {
  bucket: codec(any.bucket, encodeBucket, decodeBucket),
  version: codec(any.version, encodeVersion, decodeVersion),
  part: codec(any.part, encodePart, decodePart),
  upload: codec(any.upload, encodeUpload, decodeUpload),
  'finished upload': codec(
    any.shape<FinishedUpload>({
      bucketId: any.id,
      key: any.text,
      requestDigest: any.text,
      finishedMs: any.whole,
      versionId: any.optional(any.text),
      version: any.version,
    }),
    encodeFinishedUpload,
    decodeFinishedUpload,
  ),
  manifest: codec(
    fc.record({ entries: fc.array(any.manifestEntry, { maxLength: 8 }) }),
    encodeManifestChunk,
    decodeManifestChunk,
  ),
  block: codec(any.block, encodeBlock, decodeBlock),
  pack: codec(
    any.shape<PackRow>({
      partition: any.text,
      state: fc.constantFrom('reserved', 'sealed', 'dead', 'gone'),
      holds: fc.constantFrom('blocks', 'log', 'checkpoint'),
      session: any.id,
      bytes: any.whole,
      areaPure: any.optional(any.text),
      changedMs: any.whole,
    }),
    encodePack,
    decodePack,
  ),
  session: codec(
    fc.record({ pid: any.whole, startedMs: any.whole, state: fc.constantFrom('live', 'fenced') }),
    encodeSession,
    decodeSession,
  ),
  heartbeat: codec(fc.record({ beatMs: any.whole, oldestReadMs: any.whole }), encodeHeartbeat, decodeHeartbeat),
  area: codec(
    any.shape<AreaRow>({
      id: any.text,
      homes: fc.array(fc.record({ partition: any.text, weight: fc.double({ noNaN: true }) }), { maxLength: 4 }),
      bytes: any.optional(any.whole),
    }),
    encodeArea,
    decodeArea,
  ),
  delta: codec(
    fc.record({
      packs: fc.array(fc.tuple(any.id, any.signed), { maxLength: 4 }),
      areas: fc.array(fc.tuple(any.text, any.signed), { maxLength: 4 }),
      buckets: fc.array(fc.tuple(any.id, any.signed, any.signed), { maxLength: 4 }),
    }),
    encodeDelta,
    decodeDelta,
  ),
  usage: codec(fc.record({ objects: any.signed, bytes: any.signed }), encodeUsage, decodeUsage),
  dropped: codec(
    any.shape<DroppedRow>({ manifest: any.optional(any.id), blocks: any.optional(any.blocks) }),
    encodeDropped,
    decodeDropped,
  ),
  reference: codec(any.whole, encodeReference, decodeReference),
  sequence: codec(any.whole, encodeSequence, decodeSequence),
  lease: codec(fc.record({ holder: any.text, epoch: any.whole, expiresMs: any.whole }), encodeLease, decodeLease),
  setting: codec(any.text, encodeSetting, decodeSetting),
  declared: codec(any.declared, encodeDeclared, decodeDeclared),
  partition: codec(
    any.shape<PartitionRow>({
      duty: fc.constantFrom('coming', 'online', 'draining', 'retired', 'going'),
      sinceMs: any.whole,
      byOperator: any.optional(fc.constant(true as const)),
      made: any.optional(
        fc.record({
          pool: any.text,
          number: any.whole,
          place: fc.oneof(fc.record({ directory: any.text }), fc.record({ bucket: any.text })),
          capacityDomain: any.text,
          failureDomain: any.text,
        }),
      ),
    }),
    encodePartition,
    decodePartition,
  ),
  pin: codec(fc.record({ count: any.whole }), encodePin, decodePin),
  decision: codec(
    any.shape<DecisionRow>({
      atSec: any.whole,
      untilSec: any.whole,
      times: any.whole,
      cause: fc.constantFrom('tick', 'asked', 'rebalance'),
      mode: fc.constantFrom('off', 'shadow', 'plan', 'auto'),
      epoch: any.whole,
      digest: any.text,
      body: any.text,
    }),
    encodeDecision,
    decodeDecision,
  ),
  'decision input': codec(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    encodeDecisionInput,
    decodeDecisionInput,
  ),
  act: codec(
    fc.oneof(
      fc.record({ kind: fc.constant('division' as const), upper: any.text, startedSec: any.whole }),
      fc.record({
        kind: fc.constant('move' as const),
        to: any.text,
        bytes: any.whole,
        bytesMoved: any.whole,
        readShare: fc.double({ min: 0, max: 1, noNaN: true }),
        isWhole: fc.boolean(),
        startedSec: any.whole,
        because: any.text,
      }),
    ),
    encodeAct,
    decodeAct,
  ),
};

const cannotRead = (act: () => unknown): boolean => {
  try {
    act();
    return false;
  } catch (error) {
    if (isFault(error, 'catalog-failed')) return true;
    throw error;
  }
};

describe.each(Object.entries(codecs))('%s', (_name, { values, encode, decode }) => {
  it('reads back as written', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(encode(value))).toEqual(value);
      }),
    );
  });

  it('refuses every cut, every appended byte and another format', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value, share) => {
        const bytes = encode(value);
        const cut = bytes.subarray(0, Math.floor(bytes.length * share));
        expect(cannotRead(() => decode(cut))).toBe(true);
        expect(cannotRead(() => decode(Buffer.concat([bytes, Buffer.of(0)])))).toBe(true);
        const newer = Buffer.from(bytes);
        newer[0] = 2;
        expect(cannotRead(() => decode(newer))).toBe(true);
      }),
    );
  });

  it('answers arbitrary bytes with a value or a catalog-failed fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (noise) => {
        cannotRead(() => decode(Buffer.from([1, ...noise])));
      }),
    );
  });
});

it('a block is seen by whoever looks for its place and its area, and by nobody else', () => {
  fc.assert(
    fc.property(any.block, any.text, any.text, (block, partition, area) => {
      const value = encodeBlock(block);
      const { sliceCrcs: _, ...view } = block;
      expect(blockViewOf(value)).toEqual(view);
      expect(blockViewIf(value, block.partition, block.area)).toEqual(view);
      if (partition !== block.partition) expect(blockViewIf(value, partition, block.area)).toBeUndefined();
      if (area !== block.area) expect(blockViewIf(value, block.partition, area)).toBeUndefined();
    }),
  );
});

describe('version', () => {
  it('shows a listing what the whole version says', () => {
    fc.assert(
      fc.property(any.version, (version) => {
        const { kind, sequence, versionId, size, modifiedSec, etag, acl, checksums } = version;
        expect(listViewOf(encodeVersion(version))).toEqual({
          kind,
          sequence,
          versionId,
          size,
          modifiedSec,
          etag,
          acl: { owner: acl.owner },
          checksums: checksums.map(({ algorithm, type }) => ({ algorithm, type })),
        });
      }),
    );
  });

  it('shows a listing the truth or a fault, wherever the record is cut', () => {
    fc.assert(
      fc.property(any.version, fc.nat(), (version, length) => {
        const bytes = encodeVersion(version);
        const cut = bytes.subarray(0, length % bytes.length);
        cannotRead(() => expect(listViewOf(cut)).toEqual(listViewOf(bytes)));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps a small object small', () => {
    const owner = 'ab'.repeat(32);
    const bytes = encodeVersion({
      kind: 'object',
      sequence: Date.UTC(2030, 0) * 4096,
      versionId: 'null',
      size: 4096,
      modifiedSec: 1_900_000_000,
      etag: '00'.repeat(16),
      attributes: { contentType: 'application/octet-stream', metadata: [] },
      tags: [],
      acl: { owner, grants: [{ grantee: { kind: 'user', id: owner }, permission: 'FULL_CONTROL' }] },
      checksums: [{ algorithm: 'CRC64NVME', type: 'FULL_OBJECT', value: 'AAAAAAAAAAA=' }],
      manifest: '11'.repeat(16),
      blocks: [{ id: '22'.repeat(16), length: 4096 }],
    });
    expect(bytes.length).toBeLessThanOrEqual(130);
  });

  it('refuses what it could not read back', () => {
    expect(() => encodeReference(-1)).toThrow(RangeError);
    expect(() => encodeSequence(2 ** 53)).toThrow(RangeError);
    expect(() => encodeDropped({ manifest: 'short' })).toThrow(TypeError);
    expect(() => encodeDropped({ manifest: 'G'.repeat(32) })).toThrow(TypeError);
  });
});

describe('manifest entries', () => {
  it('know their length', () => {
    const block = { id: '00'.repeat(16), length: 7 };
    expect(manifestEntryLength({ kind: 'block', block })).toBe(7);
    expect(manifestEntryLength({ kind: 'manifest', manifest: block.id, length: 9 })).toBe(9);
    expect(manifestEntryLength({ kind: 'inline', blocks: [block, block] })).toBe(14);
  });
});

describe('interned texts', () => {
  it('are each there once', () => {
    expect(new Set(internedTexts).size).toBe(internedTexts.length);
  });

  it('keep their places: the list only grows', () => {
    expect(internedTexts.indexOf('null')).toBe(0);
    expect(internedTexts.indexOf('application/json')).toBe(7);
    expect(internedTexts.indexOf('text/plain')).toBe(34);
    expect(internedTexts.indexOf('us-east-1')).toBe(100);
  });
});
