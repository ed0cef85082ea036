import { describe, expect, it } from 'vitest';
import { type Fault, isFault } from '../../../src/base/fault.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { DirectoryPartition } from '../../../src/partition/adapters/directory-partition.ts';
import { errno, FakeDisk, StoppedClock } from './fake-disk.ts';

const idOf = (n: number): string => n.toString(16).padStart(2, '0').padEnd(32, '7');
const mount = (
  disk: FakeDisk,
  more: { id?: string; create?: boolean; openFilesMax?: number; clock?: StoppedClock } = {},
) =>
  DirectoryPartition.mount({
    id: 'p1',
    directory: '/data/p1',
    clock: new StoppedClock(),
    random: systemRandom,
    files: disk,
    ...more,
  });

async function bytesOf(partition: DirectoryPartition, pack: string, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of partition.read(pack, [{ start, end }])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const failureOf = async (work: Promise<unknown>): Promise<Fault> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error as Fault;
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('writes and syncs once for everybody who came in the same turn', async () => {
    const disk = new FakeDisk();
    const partition = await mount(disk);
    const writer = await partition.open(idOf(1));
    disk.calls = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        writer.append([Buffer.from([n])]);
        await writer.flush();
      }),
    );
    expect([disk.count('writev'), disk.count('fdatasync')]).toEqual([1, 1]);
  });

  it('gathers those who come while a sync runs, and never lets them off with that sync', async () => {
    const disk = new FakeDisk();
    const writer = await (await mount(disk)).open(idOf(1));
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    disk.before = (call) => (call === 'fdatasync' ? gate : undefined);
    writer.append([Buffer.from('first')]);
    const first = writer.flush();
    while (disk.count('fdatasync') < 2) await turn(); // 1 was the marker's
    let late = 0;
    const others = Array.from({ length: 30 }, async () => {
      writer.append([Buffer.from('later')]);
      await writer.flush();
      late += 1;
    });
    let stopAgain = (): void => undefined;
    const second = new Promise<void>((resolve) => {
      stopAgain = resolve;
    });
    disk.before = (call) => (call === 'fdatasync' ? second : undefined);
    release();
    await first;
    await turn();
    expect(late).toBe(0);
    stopAgain();
    await Promise.all(others);
    expect(disk.count('fdatasync')).toBe(3);
  });

  it('asks the disk for nothing where nothing is new', async () => {
    const disk = new FakeDisk();
    const writer = await (await mount(disk)).open(idOf(1));
    writer.append([Buffer.from('x')]);
    await writer.flush();
    const calls = disk.calls.length;
    await writer.flush();
    await writer.flush();
    expect(disk.calls.length).toBe(calls);
  });

  it('goes on where the kernel takes less than it was given', async () => {
    const disk = new FakeDisk();
    const partition = await mount(disk);
    disk.writeBytesMax = 7;
    const writer = await partition.open(idOf(1));
    const chunks = Array.from({ length: 30 }, (_, n) => Buffer.alloc(n % 11, n));
    writer.append(chunks);
    await writer.flush();
    const bytes = Buffer.concat(chunks);
    expect((await bytesOf(partition, idOf(1), 0, bytes.length)).equals(bytes)).toBe(true);
  });

  it('holds appenders back at its bound', async () => {
    const disk = new FakeDisk();
    const writer = await (await mount(disk)).open(idOf(1));
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    disk.before = (call) => (call === 'writev' ? gate : undefined);
    const mebibyte = Buffer.alloc(1 << 20);
    for (let n = 0; n < 7; n++) writer.append([mebibyte]);
    await writer.ready();
    writer.append([mebibyte, mebibyte]);
    let willing = false;
    const ready = writer.ready().then(() => {
      willing = true;
    });
    await turn();
    expect(willing).toBe(false);
    release();
    await ready;
  });
});

describe('a power cut', () => {
  it('at any call loses nothing whose flush or seal was acknowledged', async () => {
    let cuts = 0;
    for (let at = 0; ; at++) {
      const disk = new FakeDisk();
      const acknowledged = new Map<string, Buffer>();
      let calls = 0;
      disk.before = () => {
        if (calls++ >= at) throw errno('EIO'); // nothing reaches the disk any more
      };
      const finished = await (async () => {
        const partition = await mount(disk);
        for (const pack of [idOf(1), idOf(2), idOf(1).replace(/7$/, '8')]) {
          const writer = await partition.open(pack);
          let bytes = Buffer.alloc(0);
          for (const text of ['one', 'two', 'three']) {
            writer.append([Buffer.from(text)]);
            bytes = Buffer.concat([bytes, Buffer.from(text)]);
            await writer.flush();
            acknowledged.set(pack, bytes);
          }
          await writer.seal();
        }
        await partition.remove([idOf(2)]);
        acknowledged.delete(idOf(2));
        return true;
      })().catch(() => false);
      disk.cutPower();
      const partition = await mount(disk);
      for (const [pack, bytes] of acknowledged)
        expect((await bytesOf(partition, pack, 0, bytes.length)).equals(bytes), `cut at call ${at}`).toBe(true);
      cuts += 1;
      if (finished) {
        expect(isFault(await failureOf(bytesOf(partition, idOf(2), 0, 1)), 'pack-missing')).toBe(true);
        break;
      }
    }
    expect(cuts).toBeGreaterThan(30);
  });

  it('loses nothing where one call of the mount before had failed', async () => {
    for (let at = 1; ; at++) {
      const disk = new FakeDisk();
      let calls = 0;
      disk.before = () => {
        calls += 1;
        if (calls === at) throw errno('EIO');
      };
      const partition = await mount(disk).catch(() => mount(disk));
      const isOver = calls < at;
      disk.before = () => undefined;
      const writer = await partition.open(idOf(1));
      writer.append([Buffer.from('kept')]);
      await writer.seal();
      disk.cutPower();
      expect(String(await bytesOf(await mount(disk), idOf(1), 0, 4)), `call ${at} failed`).toBe('kept');
      if (isOver) break;
    }
  });
});

describe('a failed write or sync', () => {
  for (const [call, code, kind] of [
    ['fdatasync', 'EIO', 'partition-down'],
    ['syncDirectory', 'EIO', 'partition-down'],
    ['writev', 'ENOSPC', 'partition-full'],
    ['writev', 'EDQUOT', 'partition-full'],
    ['writev', 'EFBIG', 'partition-full'],
    ['writev', 'EIO', 'partition-down'],
  ] as const) {
    it(`(${call} ${code}) poisons the pack for ever and touches no other`, async () => {
      const disk = new FakeDisk();
      const partition = await mount(disk);
      const writer = await partition.open(idOf(1));
      const healthy = await partition.open(idOf(2));
      if (call !== 'syncDirectory') {
        writer.append([Buffer.from('fine')]);
        await writer.flush();
      }
      writer.append([Buffer.from('doomed')]);
      disk.before = (name) => {
        if (name === call) throw errno(code);
      };
      const both = [writer.flush(), writer.flush()].map(failureOf);
      for (const failure of await Promise.all(both)) expect(failure.fault.kind).toBe(kind);
      disk.before = () => undefined;
      const calls = disk.calls.length;
      const open = disk.openCount;
      for (const work of [writer.flush(), writer.ready(), writer.seal()])
        expect((await failureOf(work)).fault.kind).toBe(kind);
      expect(() => writer.append([Buffer.from('more')])).toThrow(kind);
      await writer.abort();
      expect(disk.calls.length).toBe(calls); // nothing is tried again
      expect(disk.openCount).toBe(open);
      healthy.append([Buffer.from('other')]);
      await healthy.seal();
      expect((await bytesOf(partition, idOf(2), 0, 5)).toString()).toBe('other');
      expect(disk.openCount).toBe(1); // the reader of the healthy one
    });
  }

  it('in the background reaches whoever waits to append', async () => {
    const disk = new FakeDisk();
    const writer = await (await mount(disk)).open(idOf(1));
    disk.before = (call) => {
      if (call === 'writev') throw errno('EIO');
    };
    writer.append([Buffer.alloc(9 << 20)]);
    expect((await failureOf(writer.ready())).fault.kind).toBe('partition-down');
  });

  it('on open says what it is', async () => {
    for (const [code, kind] of [
      ['EMFILE', 'partition-busy'],
      ['ENOSPC', 'partition-full'],
      ['EROFS', 'partition-down'],
      ['ENOENT', 'partition-down'],
      ['EEXIST', 'pack-exists'],
    ] as const) {
      const disk = new FakeDisk();
      const partition = await mount(disk);
      disk.before = (call) => {
        if (call === 'open') throw errno(code);
      };
      expect((await failureOf(partition.open(idOf(1)))).fault.kind).toBe(kind);
    }
  });

  it('leaves an abort in the midst of a write with one closed descriptor', async () => {
    const disk = new FakeDisk();
    const writer = await (await mount(disk)).open(idOf(1));
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    disk.before = (call) => (call === 'writev' ? gate : undefined);
    writer.append([Buffer.from('x')]);
    const flush = failureOf(writer.flush());
    await turn();
    const abort = writer.abort();
    expect(disk.count('close')).toBe(1); // the marker's
    release();
    await abort;
    expect((await flush).fault.kind).toBe('partition-down');
    expect([disk.count('close'), disk.openCount]).toEqual([2, 0]);
  });
});

describe('the directory', () => {
  it('belongs to one partition', async () => {
    const disk = new FakeDisk();
    await mount(disk);
    await mount(disk);
    const failure = await failureOf(mount(disk, { id: 'p2' }));
    expect(failure.fault).toMatchObject({ kind: 'partition-down', partition: 'p2' });
    expect(failure.message).toContain('belongs to partition');
  });

  it('claimed by two at once goes to one of them', async () => {
    for (let n = 0; n < 10; n++) {
      const disk = new FakeDisk();
      disk.before = () => new Promise((resolve) => setImmediate(resolve));
      const results = await Promise.allSettled(['a', 'b', 'a'].map((id) => mount(disk, { id })));
      const won = results.filter(({ status }) => status === 'fulfilled');
      expect([1, 2]).toContain(won.length);
      expect(results[0]!.status).toBe(results[2]!.status);
    }
  });

  it('that should be there and is not, is not made', async () => {
    const disk = new FakeDisk();
    expect((await failureOf(mount(disk, { create: false }))).fault.kind).toBe('partition-down');
    expect(disk.count('makeDirectory')).toBe(0);
  });

  it('with a marker that cannot be read is left alone', async () => {
    const disk = new FakeDisk();
    for (const path of ['/data', '/data/p1']) await disk.makeDirectory(path);
    await disk.writev(await disk.open('/data/p1/partition.json', 'wx'), [Buffer.from('{"format":2}')], 0);
    expect((await failureOf(mount(disk))).message).toContain('not a marker');
  });

  it('that vanished is a partition down, not a missing pack, and nothing is written below its mount point', async () => {
    const disk = new FakeDisk();
    const partition = await mount(disk);
    disk.erase('/data/p1');
    await disk.makeDirectory('/data/p1'); // the empty mount point
    expect((await failureOf(bytesOf(partition, idOf(1), 0, 1))).fault.kind).toBe('partition-down');
    expect((await failureOf(partition.open(idOf(1)))).fault.kind).toBe('partition-down');
    expect(await disk.names('/data/p1')).toEqual([]);
    expect((await partition.probe()).ok).toBe(true); // the directory itself is writable: the marker decides at mount
  });

  it('shows no strangers in its list', async () => {
    const disk = new FakeDisk();
    const partition = await mount(disk);
    await (await partition.open(idOf(0xab))).seal();
    await disk.open('/data/p1/packs/ab/readme.txt', 'wx');
    await disk.open(`/data/p1/packs/ab/${idOf(0xcd)}.pack`, 'wx'); // wrong folder
    await disk.makeDirectory('/data/p1/packs/lost+found');
    const packs = [];
    for await (const { pack } of partition.list()) packs.push(pack);
    expect(packs).toEqual([idOf(0xab)]);
  });
});

describe('read descriptors', () => {
  const filled = async (disk: FakeDisk, count: number, more: Parameters<typeof mount>[1] = {}) => {
    const partition = await mount(disk, more);
    for (let n = 0; n < count; n++) {
      const writer = await partition.open(idOf(n));
      writer.append([Buffer.from([n])]);
      await writer.seal();
    }
    return partition;
  };

  it('stay below their bound and are never closed under a reader', async () => {
    const disk = new FakeDisk();
    const partition = await filled(disk, 20, { openFilesMax: 3 });
    disk.before = (call) => (call === 'read' || call === 'open' ? turn() : undefined); // EBADF if one is closed too early
    const reads = Array.from({ length: 200 }, async (_, n) => (await bytesOf(partition, idOf((n * 7) % 20), 0, 1))[0]);
    expect(await Promise.all(reads)).toEqual(Array.from({ length: 200 }, (_, n) => (n * 7) % 20));
    expect(disk.openCount).toBe(3);
  });

  it('are closed when idle, and at once when the pack is removed', async () => {
    const disk = new FakeDisk();
    const clock = new StoppedClock();
    const partition = await filled(disk, 3, { clock });
    for (let n = 0; n < 3; n++) await bytesOf(partition, idOf(n), 0, 1);
    expect(disk.openCount).toBe(3);
    await partition.remove([idOf(0)]);
    expect(disk.openCount).toBe(2);
    await clock.advance(16_000);
    await bytesOf(partition, idOf(1), 0, 1);
    await clock.advance(16_000);
    expect(disk.openCount).toBe(1);
    await clock.advance(60_000);
    expect(disk.openCount).toBe(0);
    expect((await bytesOf(partition, idOf(1), 0, 1))[0]).toBe(1);
    await partition.close();
    await turn();
    expect(disk.openCount).toBe(0);
  });

  it('are given back when the process has run out of them', async () => {
    const disk = new FakeDisk();
    const partition = await filled(disk, 6);
    for (let n = 0; n < 5; n++) await bytesOf(partition, idOf(n), 0, 1);
    disk.before = (call) => {
      if (call === 'open' && disk.openCount >= 5) throw errno('EMFILE');
    };
    expect((await bytesOf(partition, idOf(5), 0, 1))[0]).toBe(5);
    expect(disk.openCount).toBe(3);
    for (let n = 0; n < 5; n++) await bytesOf(partition, idOf(n), 0, 1);
    await (await partition.open(idOf(9))).seal();
  });

  it('of one pack are opened once for many readers', async () => {
    const disk = new FakeDisk();
    const partition = await filled(disk, 1);
    disk.calls = [];
    await Promise.all(Array.from({ length: 20 }, () => bytesOf(partition, idOf(0), 0, 1)));
    expect(disk.count('open')).toBe(1);
  });

  it('that read slowly are spared the synchronous read for a while', async () => {
    const disk = new FakeDisk();
    const clock = new StoppedClock();
    const partition = await filled(disk, 2, { clock });
    const into = Buffer.alloc(1);
    expect(partition.readSmall(idOf(1), 0, 1, into)).toBe(-1); // not open yet
    for (const n of [0, 1]) await bytesOf(partition, idOf(n), 0, 1);
    disk.onReadSync = () => {
      clock.nowMs += 5;
    };
    expect(partition.readSmall(idOf(1), 0, 1, into)).toBe(1);
    expect(into[0]).toBe(1);
    disk.onReadSync = () => undefined;
    expect(partition.readSmall(idOf(1), 0, 1, into)).toBe(-1);
    expect(partition.readSmall(idOf(0), 0, 1, into)).toBe(1);
    clock.nowMs += 17;
    expect(partition.readSmall(idOf(1), 0, 1, into)).toBe(1);
    let waitedMs = 0; // a file that stays slow is asked ever more rarely
    for (let n = 0; n < 8; n++) {
      disk.onReadSync = () => {
        clock.nowMs += 5;
      };
      expect(partition.readSmall(idOf(1), 0, 1, into)).toBe(1);
      disk.onReadSync = () => expect.fail('read while it is slow');
      for (waitedMs = 0; waitedMs < 15; waitedMs += 5) {
        expect(partition.readSmall(idOf(1), 0, 1, into)).toBe(-1);
        clock.nowMs += 5;
      }
      clock.nowMs += n < 5 ? 1001 : 990;
    }
    disk.onReadSync = () => undefined;
    clock.nowMs += 1001;
    expect(partition.readSmall(idOf(1), 0, 1, into)).toBe(1);
    expect(partition.readSmall(idOf(1), 1, 1, into)).toBe(-1);
    expect(partition.readSmall(idOf(1), 0, 65_537, Buffer.alloc(65_537))).toBe(-1);
    disk.onReadSync = () => {
      throw errno('EIO');
    };
    expect(partition.readSmall(idOf(1), 0, 1, into)).toBe(-1);
  });
});
