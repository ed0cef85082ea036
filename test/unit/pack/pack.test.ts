import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeFrameTrailer,
  encodeHeader,
  type FrameKind,
  footerBytes,
  PackAssembly,
  PackScanner,
  parseFooter,
  parseIndex,
  parsePack,
  type ScannedFrame,
  SliceCrcs,
  sealedPackBytes,
  sliceCrcsOf,
} from '../../../src/pack/pack.ts';

const packId = 'ab'.repeat(16);
const id = (n: number): string => n.toString(16).padStart(32, '0');
const noise = (length: number, seed: number): Buffer => {
  const bytes = Buffer.alloc(length);
  let state = seed | 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
};

interface Part {
  kind: FrameKind;
  payload: Buffer;
}

function build(parts: readonly Part[], seal = true): { bytes: Buffer; ends: number[] } {
  const assembly = new PackAssembly({ pack: packId, partition: 'p1', createdMs: 1_700_000_000_123 });
  const chunks = [assembly.header];
  const ends = [assembly.header.length];
  for (const [n, { kind, payload }] of parts.entries()) {
    const frame = assembly.frame(kind, id(n), payload.length);
    chunks.push(frame.header, payload, frame.trailer(sliceCrcsOf(payload)));
    ends.push(assembly.size);
  }
  if (seal) chunks.push(...assembly.seal());
  return { bytes: Buffer.concat(chunks), ends };
}

const someParts = (): Part[] => [
  { kind: 'block', payload: noise(5, 1) },
  { kind: 'log', payload: noise(0, 2) },
  { kind: 'block', payload: noise(200_000, 3) },
  { kind: 'block', payload: noise(65_536, 4) },
];

describe('slice CRCs', () => {
  it('are the known CRC32C of the bytes', () => {
    expect(sliceCrcsOf(Buffer.from('123456789'))).toEqual([0xe3069283]);
    expect(sliceCrcsOf(Buffer.alloc(32, 0xff))).toEqual([0x62a8ab43]);
    expect(sliceCrcsOf()).toEqual([]);
    expect(sliceCrcsOf(Buffer.alloc(65_536))).toHaveLength(1);
    expect(sliceCrcsOf(Buffer.alloc(65_537))).toHaveLength(2);
  });

  it('do not depend on how the bytes were cut', () => {
    const bytes = noise(300_001, 9);
    const whole = sliceCrcsOf(bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 140_000 }), { maxLength: 6 }), (cuts) => {
        const crcs = new SliceCrcs();
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          crcs.update(bytes.subarray(at, at + cut));
          at = Math.min(bytes.length, at + cut);
        }
        expect(crcs.length).toBe(bytes.length);
        expect(crcs.finish()).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a pack', () => {
  it('comes back as it was written', () => {
    const parts = someParts();
    const { bytes } = build(parts);
    const parsed = parsePack(bytes);
    expect(parsed.end).toEqual({ goodBytes: bytes.length, state: 'sealed', message: 'sealed' });
    expect(parsed.header).toEqual({ pack: packId, partition: 'p1', createdMs: 1_700_000_000_123 });
    expect(parsed.frames).toHaveLength(parts.length);
    for (const [n, frame] of parsed.frames.entries()) {
      const payload = parts[n]!.payload;
      expect(frame).toMatchObject({ kind: parts[n]!.kind, id: id(n), length: payload.length, badSlices: [] });
      expect(bytes.subarray(frame.offset, frame.offset + frame.length).equals(payload)).toBe(true);
      expect(frame.sliceCrcs).toEqual(sliceCrcsOf(payload));
    }
  });

  it('is found from its end', () => {
    const { bytes } = build(someParts());
    const footer = parseFooter(bytes.subarray(-footerBytes))!;
    expect(footer).toMatchObject({ pack: packId, count: 4 });
    const index = parseIndex(bytes.subarray(footer.indexOffset, footer.indexOffset + footer.indexBytes), footer);
    expect(index).toEqual(
      parsePack(bytes).frames.map(({ kind, id, offset, length }) => ({ kind, id, offset, length })),
    );
    expect(parseFooter(build(someParts(), false).bytes)).toBeUndefined();
  });

  it('weighs what was foretold', () => {
    expect(build(someParts()).bytes.length).toBe(
      sealedPackBytes(
        'p1',
        someParts().map(({ payload }) => payload.length),
      ),
    );
  });

  it('is the same however its bytes arrive, payloads included', () => {
    const { bytes } = build(someParts());
    const whole = parsePack(bytes);
    for (const step of [1, 7, 4096, 70_000]) {
      const scanner = new PackScanner();
      const frames: ScannedFrame[] = [];
      const payload: Buffer[] = [];
      const scratch = Buffer.alloc(step);
      for (let at = 0; at < bytes.length; at += step) {
        const length = bytes.copy(scratch, 0, at, at + step); // one reused chunk, as a read loop would
        for (const event of scanner.push(scratch.subarray(0, length))) {
          if (event.event === 'frame') frames.push(event.frame);
          if (event.event === 'payload') payload.push(Buffer.from(event.bytes));
        }
      }
      expect(scanner.end()).toEqual(whole.end);
      expect(frames).toEqual(whole.frames);
      expect(Buffer.concat(payload).equals(Buffer.concat(someParts().map((part) => part.payload)))).toBe(true);
    }
  });

  it('that was cut anywhere gives every frame before the cut and says so', () => {
    const { bytes, ends } = build(someParts());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        const { frames, end } = parsePack(bytes.subarray(0, length));
        const whole = ends.filter((at) => at <= length);
        expect(end.state).toBe('cut');
        expect(end.goodBytes).toBe(whole.at(-1) ?? 0);
        expect(frames).toHaveLength(Math.max(0, whole.length - 1));
      }),
      { numRuns: 300, examples: ends.flatMap((at) => [[at - 1], [at]]) },
    );
  });

  it('never hides a flipped bit: the frame is named, or the walk stops', () => {
    const { bytes } = build(someParts());
    const good = parsePack(bytes);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), (bit) => {
        const at = bit >> 3;
        const bent = Buffer.from(bytes);
        bent[at]! ^= 1 << (bit & 7);
        const { frames, end } = parsePack(bent);
        const hit = good.frames.findIndex((frame) => at >= frame.offset && at < frame.offset + frame.length);
        if (hit < 0) {
          expect(end.state).not.toBe('sealed');
          expect(end.goodBytes).toBeLessThanOrEqual(at);
        } else {
          expect(end.state).toBe('sealed');
          expect(frames[hit]!.badSlices).toEqual([Math.floor((at - good.frames[hit]!.offset) / 65_536)]);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('swallows any rubbish without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 400 }), (rubbish, from) => {
        const { bytes } = build([{ kind: 'block', payload: noise(100, 5) }]);
        const mixed = Buffer.concat([bytes.subarray(0, from), rubbish]);
        expect(['sealed', 'cut', 'damaged']).toContain(parsePack(mixed).end.state);
      }),
    );
    expect(parsePack(Buffer.alloc(100)).end).toMatchObject({ state: 'damaged', goodBytes: 0 });
  });

  it('with a tail of zeros, as a crash may leave it, stops behind its last frame', () => {
    const { bytes } = build(someParts(), false);
    const { frames, end } = parsePack(Buffer.concat([bytes, Buffer.alloc(4096)]));
    expect(frames).toHaveLength(4);
    expect(end).toMatchObject({ state: 'damaged', goodBytes: bytes.length });
  });

  it('refuses what does not fit', () => {
    const assembly = new PackAssembly({ pack: packId, partition: 'p1', createdMs: 0 });
    expect(() => assembly.frame('block', '../../etc/passwd', 1)).toThrow(RangeError);
    expect(() => assembly.frame('block', id(1), -1)).toThrow(RangeError);
    expect(() => encodeFrameTrailer(assembly.frame('block', id(1), 70_000).header, [1])).toThrow(RangeError);
    expect(() => encodeHeader({ pack: packId, partition: 'x'.repeat(256), createdMs: 0 })).toThrow(RangeError);
    const bytes = build([]).bytes;
    bytes.writeUInt16BE(2, 8);
    expect(parsePack(bytes).end.message).toBe('pack format 2 is not known');
  });
});
