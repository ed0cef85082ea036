import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault, type HouseFault } from '../../../src/base/fault.ts';
import type { ByteRange } from '../../../src/base/range.ts';
import { crc32c } from '../../../src/pack/pack.ts';
import { mergeRanges } from '../../../src/partition/adapters/merge-ranges.ts';
import { crcText } from '../../../src/partition/adapters/s3-pack-writer.ts';
import { S3Partition, type S3PartitionOptions } from '../../../src/partition/adapters/s3-partition.ts';
import { settings } from './s3-settings.ts';
import { hangUp, refuse, refusing, ScriptedBackend } from './scripted-backend.ts';

const pack = 'ab'.repeat(16);
const key = `packs/${pack}.pack`;

let backend: ScriptedBackend;
let endpoint: string;
let made: S3Partition[];
beforeEach(async () => {
  backend = new ScriptedBackend();
  endpoint = await backend.start();
  made = [];
});
afterEach(async () => {
  await Promise.all(made.map((partition) => partition.close()));
  await backend.stop();
});

function partitionWith(more: Partial<S3PartitionOptions> = {}): S3Partition {
  const partition = new S3Partition({
    ...settings,
    endpoint,
    ...more,
  });
  made.push(partition);
  return partition;
}

async function put(partition: S3Partition, bytes: Buffer, hint?: number): Promise<void> {
  const writer = await partition.open(pack, hint);
  for (let at = 0; at < bytes.length; at += 70_001) {
    writer.append([bytes.subarray(at, at + 70_001)]);
    await writer.ready();
  }
  await writer.seal();
}

async function get(partition: S3Partition, ranges: readonly ByteRange[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of partition.read(pack, ranges)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const faultOf = async (work: Promise<unknown>): Promise<HouseFault> => {
  const error = await work.then(
    () => expect.fail('nothing was thrown'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Fault)) throw error;
  return error.fault;
};

describe('a PUT', () => {
  it('tells length, checksum, digest and that it must be new', async () => {
    const bytes = randomBytes(300_000);
    await put(partitionWith(), bytes);
    const [request] = backend.seen;
    expect(request).toMatchObject({ method: 'PUT', key });
    expect(request!.headers).toMatchObject({
      'content-length': '300000',
      'if-none-match': '*',
      'x-amz-checksum-crc32c': crcText(crc32c(bytes)),
      'x-amz-content-sha256': createHash('sha256').update(bytes).digest('hex'),
    });
    expect(request!.body.equals(bytes)).toBe(true);
    expect(request!.headers.authorization).toContain('x-amz-checksum-crc32c;x-amz-content-sha256;x-amz-date');
  });

  it('does without what the backend does not understand', async () => {
    const bytes = randomBytes(100);
    await put(partitionWith({ checksum: 'md5', writeOnce: 'trust', signPayload: false }), bytes);
    const { headers } = backend.seen[0]!;
    expect(headers['content-md5']).toBe(createHash('md5').update(bytes).digest('base64'));
    expect(headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD');
    expect([headers['if-none-match'], headers['x-amz-checksum-crc32c']]).toEqual([undefined, undefined]);
  });

  it('is sent again after a hang-up, a 500, a 503 and bent bytes', async () => {
    const bytes = randomBytes(500_000);
    for (const twist of [
      hangUp,
      refusing(500, 'InternalError'),
      refusing(503, 'SlowDown'),
      refusing(400, 'BadDigest'),
    ]) {
      backend.objects.clear();
      backend.twists = [twist];
      await put(partitionWith(), bytes);
      expect(backend.objects.get(key)!.body.equals(bytes)).toBe(true);
    }
    expect(backend.count('PUT')).toBe(8);
  });

  it('whose answer was lost is found to be there', async () => {
    backend.twists = [
      (_, response, store) => {
        store();
        response.destroy();
        return true;
      },
    ];
    await put(partitionWith(), randomBytes(1000));
    expect(backend.seen.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'HEAD']);
  });

  it('whose answer was lost does not take another pack for its own', async () => {
    for (const [body, crc] of [
      [Buffer.alloc(999), undefined],
      [Buffer.alloc(1000), 'AAAAAA=='],
    ] as const) {
      backend.objects.set(key, { body, crc });
      backend.twists = [hangUp];
      expect(await faultOf(put(partitionWith(), randomBytes(1000)))).toEqual({
        kind: 'pack-exists',
        partition: 'p1',
        pack,
      });
    }
  });

  it('refused at once names the pack as existing, without a look', async () => {
    backend.objects.set(key, { body: Buffer.alloc(1000), crc: undefined });
    expect((await faultOf(put(partitionWith(), Buffer.alloc(1000)))).kind).toBe('pack-exists');
    expect(backend.seen.map(({ method }) => method)).toEqual(['PUT']);
  });

  it('looks first where the backend has no conditions', async () => {
    const partition = partitionWith({ writeOnce: 'head' });
    await put(partition, randomBytes(10));
    expect((await faultOf(put(partition, randomBytes(10)))).kind).toBe('pack-exists');
    expect(backend.seen.map(({ method }) => method)).toEqual(['HEAD', 'PUT', 'HEAD']);
  });

  it('says what the refusal means, and repeats only what may help', async () => {
    for (const [status, code, kind, tries] of [
      [507, 'QuotaExceeded', 'partition-full', 1],
      [403, 'QuotaExceeded', 'partition-full', 1],
      [403, 'AccessDenied', 'partition-down', 1],
      [404, 'NoSuchBucket', 'partition-down', 1],
      [501, 'NotImplemented', 'partition-down', 1],
      [400, 'InvalidRequest', 'partition-down', 1],
      [500, 'InternalError', 'partition-down', 4],
      [503, 'SlowDown', 'partition-busy', 4],
      [429, 'TooManyRequests', 'partition-busy', 4],
      [409, 'ConditionalRequestConflict', 'partition-busy', 4],
    ] as const) {
      backend.always = refusing(status, code);
      backend.seen.length = 0;
      const fault = await faultOf(put(partitionWith(), Buffer.alloc(10)));
      expect([code, fault.kind, backend.count('PUT')]).toEqual([code, kind, tries]);
      if (fault.kind === 'partition-down') expect(fault.message).toContain(code);
    }
  });

  it('passes on how long the backend asks to wait', async () => {
    backend.always = refusing(503, 'SlowDown', { 'retry-after': '7' });
    expect(await faultOf(put(partitionWith(), Buffer.alloc(10)))).toEqual({
      kind: 'partition-busy',
      partition: 'p1',
      retryAfterMs: 7000,
    });
  });

  it('survives a refusal that is no XML, or endless', async () => {
    backend.always = (_, response) => {
      response.writeHead(502).end('<html>'.repeat(200_000));
      return true;
    };
    expect(await faultOf(put(partitionWith(), Buffer.alloc(10)))).toMatchObject({ kind: 'partition-down' });
  });

  it('that is aborted tells whoever waits for it', async () => {
    let arrived = (): void => undefined;
    const there = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    backend.always = () => {
      arrived();
      return new Promise(() => undefined);
    };
    const writer = await partitionWith().open(pack);
    writer.append([Buffer.alloc(10)]);
    const sealed = faultOf(writer.seal());
    await there;
    await writer.abort();
    expect(await sealed).toMatchObject({ kind: 'partition-down', message: 'the pack was aborted' });
  });

  it('to nobody is a partition down', async () => {
    const partition = partitionWith({ endpoint: 'http://127.0.0.1:9' });
    expect(await faultOf(put(partition, Buffer.alloc(10)))).toMatchObject({ kind: 'partition-down' });
    expect(await faultOf(get(partition, [{ start: 0, end: 1 }]))).toMatchObject({ kind: 'partition-down' });
    expect((await partition.probe()).ok).toBe(false);
    for (const packs of [[pack], [pack, 'cd'.repeat(16)]])
      expect(await faultOf(partition.remove(packs))).toMatchObject({
        kind: 'partition-down',
        message: expect.stringContaining('ECONNREFUSED'),
      });
  });

  it('refuses to hold more than a pack', async () => {
    const writer = await partitionWith().open(pack);
    const piece = Buffer.alloc(16 << 20);
    for (let n = 0; n < 5; n++) writer.append([piece]);
    expect(() => writer.append([piece])).toThrow(RangeError);
    await writer.abort();
  });
});

describe('a streamed PUT', () => {
  const streaming = () => partitionWith({ trailers: true });

  /** Strict: every chunk with its size line, then the trailer. */
  function decode(body: Buffer): { bytes: Buffer; trailer: string } {
    const parts: Buffer[] = [];
    for (let at = 0; ; ) {
      const line = body.indexOf('\r\n', at);
      const size = Number.parseInt(body.toString('latin1', at, line), 16);
      if (size === 0) return { bytes: Buffer.concat(parts), trailer: body.toString('latin1', line + 2) };
      parts.push(body.subarray(line + 2, line + 2 + size));
      expect(body.toString('latin1', line + 2 + size, line + 4 + size)).toBe('\r\n');
      at = line + 4 + size;
    }
  }

  it('is one aws-chunked body of the length announced, its checksum behind it', async () => {
    for (const size of [0, 1, 262_143, 262_144, 262_145, 3_000_000]) {
      backend.objects.clear();
      const bytes = randomBytes(size);
      await put(streaming(), bytes, size);
      const { headers, body } = backend.seen.at(-1)!;
      expect(headers).toMatchObject({
        'content-length': String(body.length),
        'x-amz-decoded-content-length': String(size),
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-trailer': 'x-amz-checksum-crc32c',
        'content-encoding': 'aws-chunked',
      });
      const { bytes: decoded, trailer } = decode(body);
      expect(decoded.equals(bytes)).toBe(true);
      expect(trailer).toBe(`x-amz-checksum-crc32c:${crcText(crc32c(bytes))}\r\n\r\n`);
    }
  });

  it('that ends too early, or outgrows its length, is no pack', async () => {
    const short = await streaming().open(pack, 100);
    short.append([Buffer.alloc(99)]);
    await expect(short.seal()).rejects.toThrow('99 of its 100');
    const long = await streaming().open(pack, 100);
    long.append([Buffer.alloc(99)]);
    expect(() => long.append([Buffer.alloc(2)])).toThrow('outgrew');
    await expect(long.seal()).rejects.toThrow('outgrew');
    await expect(long.ready()).rejects.toThrow('outgrew');
    expect(backend.objects.size).toBe(0);
  });

  it('is not sent again, and says what went wrong', async () => {
    for (const [twist, kind] of [
      [hangUp, 'partition-down'],
      [refusing(412, 'PreconditionFailed'), 'pack-exists'],
      [refusing(503, 'SlowDown'), 'partition-busy'],
    ] as const) {
      backend.twists = [twist];
      expect((await faultOf(put(streaming(), randomBytes(400_000), 400_000))).kind).toBe(kind);
    }
    expect(backend.seen).toHaveLength(3);
  });

  it('can be aborted while it waits for the answer', { timeout: 5000 }, async () => {
    let arrived = (): void => undefined;
    const there = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    backend.always = () => {
      arrived();
      return new Promise(() => undefined);
    };
    const writer = await streaming().open(pack, 10);
    writer.append([Buffer.alloc(10)]);
    const sealed = faultOf(writer.seal());
    await there;
    await writer.abort();
    expect(await sealed).toMatchObject({ kind: 'partition-down', message: 'the pack was aborted' });
  });

  it('stops the appender when the backend is gone', async () => {
    await backend.stop();
    const writer = await streaming().open(pack, 100 << 20);
    const append = async (): Promise<void> => {
      for (let n = 0; n < 100; n++) {
        writer.append([Buffer.alloc(1 << 20)]);
        await writer.ready();
      }
    };
    expect((await faultOf(append())).kind).toBe('partition-down');
    expect((await faultOf(writer.seal())).kind).toBe('partition-down');
    backend = new ScriptedBackend();
    await backend.start();
  });
});

describe('a GET', () => {
  const bytes = randomBytes(1_000_000);
  beforeEach(() => backend.objects.set(key, { body: bytes, crc: undefined }));

  it('goes on where a broken connection left off', async () => {
    const half: (typeof backend.twists)[number] = ({ headers }, response) => {
      const [, start, last] = /bytes=(\d+)-(\d+)/.exec(headers.range!)!.map(Number) as [number, number, number];
      response.writeHead(206, {
        'content-length': last + 1 - start,
        'content-range': `bytes ${start}-${last}/${bytes.length}`,
      });
      response.write(bytes.subarray(start, start + Math.ceil((last - start) / 2)), () =>
        setImmediate(() => response.destroy()),
      );
      return true;
    };
    backend.twists = [half, half, hangUp, half, refusing(503, 'SlowDown'), half];
    const read = await get(partitionWith(), [{ start: 1000, end: 900_000 }]);
    expect(read.equals(bytes.subarray(1000, 900_000))).toBe(true);
    expect(backend.count('GET')).toBe(7);
  });

  it('gives up after some tries without progress', async () => {
    backend.always = hangUp;
    expect((await faultOf(get(partitionWith(), [{ start: 0, end: 10 }]))).kind).toBe('partition-down');
    expect(backend.count('GET')).toBe(4);
  });

  it('takes its part of the whole where the backend ignores ranges', async () => {
    backend.always = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
      return true;
    };
    const ranges = [
      { start: 500_000, end: 500_010 },
      { start: 500_020, end: 700_000 },
    ];
    const read = await get(partitionWith(), ranges);
    expect(read.equals(Buffer.concat(ranges.map(({ start, end }) => bytes.subarray(start, end))))).toBe(true);
    expect(await faultOf(get(partitionWith(), [{ start: 0, end: 1_000_001 }]))).toMatchObject({ kind: 'pack-short' });
  });

  it('fetches near ranges together and far ones apart', async () => {
    const ranges = [0, 1000, 2000, 900_000, 901_000].map((start) => ({ start, end: start + 100 }));
    const read = await get(partitionWith(), ranges);
    expect(read.equals(Buffer.concat(ranges.map(({ start, end }) => bytes.subarray(start, end))))).toBe(true);
    expect(backend.seen.map(({ headers }) => headers.range)).toEqual(['bytes=0-2099', 'bytes=900000-901099']);
  });

  it('in a bucket that is gone is a partition down, not a missing pack', async () => {
    backend.always = refusing(404, 'NoSuchBucket');
    expect((await faultOf(get(partitionWith(), [{ start: 0, end: 10 }]))).kind).toBe('partition-down');
  });

  it('follows the backend where the clocks differ', async () => {
    const theirMs = Date.now() + 3 * 3_600_000;
    backend.always = ({ headers }, response) => {
      const saidMs = Date.parse(String(headers['x-amz-date']).replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'));
      if (Math.abs(saidMs - theirMs) < 60_000) return false;
      return refuse(response, 403, 'RequestTimeTooSkewed', { date: new Date(theirMs).toUTCString() });
    };
    const partition = partitionWith();
    expect((await get(partition, [{ start: 0, end: 10 }])).length).toBe(10);
    expect((await get(partition, [{ start: 0, end: 10 }])).length).toBe(10);
    expect(backend.count('GET')).toBe(3);
  });

  it('left half-way, or too short, frees its connection', async () => {
    const partition = partitionWith({ connectionsMax: 1 });
    for (let n = 0; n < 3; n++)
      expect((await faultOf(get(partition, [{ start: 10, end: 1_000_001 }]))).kind).toBe('pack-short');
    for (let n = 0; n < 3; n++) for await (const _ of partition.read(pack, [{ start: 0, end: 1_000_000 }])) break;
    expect((await get(partition, [{ start: 0, end: 10 }])).length).toBe(10);
  });
});

describe('the bucket', () => {
  it('belongs to one partition', async () => {
    await partitionWith().ensureBucket();
    await partitionWith().ensureBucket();
    expect(await faultOf(partitionWith({ id: 'p2' }).ensureBucket())).toMatchObject({
      kind: 'partition-down',
      message: expect.stringContaining('belongs to partition "p1"'),
    });
    await partitionWith({ id: 'p2', prefix: 'another/' }).ensureBucket();
  });

  it('is not claimed by who only reads it', async () => {
    await partitionWith({ prefix: 'another/' }).ensureBucket();
    expect(await faultOf(partitionWith({ id: 'p2' }).ensureBucket(false, false))).toMatchObject({
      kind: 'partition-down',
      message: expect.stringContaining('holds no partition'),
    });
    await partitionWith({ id: 'p2' }).ensureBucket();
    await partitionWith({ id: 'p2' }).ensureBucket(false, false);
  });

  it('is emptied key by key where the backend refuses a batch, which it is asked once', async () => {
    for (const [status, code] of [
      [400, 'MissingContentMD5'],
      [501, 'NotImplemented'],
    ] as const) {
      backend.seen.length = 0;
      backend.always = ({ method }, response) => (method === 'POST' ? refuse(response, status, code) : undefined);
      const partition = partitionWith();
      for (let n = 0; n < 2; n++) await partition.remove([pack, 'cd'.repeat(16)]);
      expect([backend.count('POST'), backend.count('DELETE')]).toEqual([1, 4]);
    }
  });

  it('tells of every key that a batch delete could not remove', async () => {
    backend.always = (_, response) => {
      response.end(
        '<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>',
      );
      return true;
    };
    const work = partitionWith().remove([pack, 'cd'.repeat(16)]);
    expect(await faultOf(work)).toMatchObject({
      kind: 'partition-down',
      message: expect.stringContaining('AccessDenied'),
    });
  });

  it('is addressed by its host name where asked to', async () => {
    backend.objects.set(`/${key}`, { body: Buffer.from('x'), crc: undefined });
    const partition = partitionWith({ pathStyle: false, endpoint: endpoint.replace('127.0.0.1', 'localhost') });
    const said = await get(partition, [{ start: 0, end: 1 }]).then(String, String); // it need not resolve here
    const hosts = backend.seen.map(({ headers }) => headers.host);
    expect(`${said} ${hosts}`).toContain('bucket.localhost');
  });
});

describe('merging ranges', () => {
  it('covers every range once, in order', () => {
    const range = fc.tuple(fc.nat(2000), fc.nat(50)).map(([start, length]) => ({ start, end: start + length }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), fc.nat(200), (ranges, gap) => {
        const groups = mergeRanges(ranges, gap);
        expect(groups.flatMap(({ parts }) => parts)).toEqual(ranges.filter(({ start, end }) => start < end));
        for (const { start, end, parts } of groups) {
          expect([parts[0]!.start, parts.at(-1)!.end]).toEqual([start, end]);
          for (const [at, part] of parts.slice(1).entries()) {
            const distance = part.start - parts[at]!.end;
            expect(distance >= 0 && distance <= gap).toBe(true);
          }
        }
      }),
    );
  });
});
