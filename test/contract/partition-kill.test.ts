// Two processes on one directory: what one has flushed the other reads at once, and a kill at any moment takes none of it back.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { parsePack } from '../../src/pack/pack.ts';
import { DirectoryPartition } from '../../src/partition/adapters/directory-partition.ts';
import { type Compiled, compiled } from './compiled.ts';
import { expectBytes, faultOf, readAll } from './partition.contract.ts';
import { payloadOf, type Written } from './partition-child.ts';

let directory: string;
let child: Compiled;
let partition: DirectoryPartition;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'echogate-kill-'));
  child = await compiled('test/contract/partition-child.ts');
  partition = await DirectoryPartition.mount({ id: 'p1', directory, clock: systemClock, random: systemRandom });
});
afterAll(async () => {
  await partition.close();
  child.remove();
  await rm(directory, { recursive: true });
});

it('a killed writer loses nothing that it was told was durable', async () => {
  let verified = 0;
  for (const blocksMin of [1, 10, 50, 120]) {
    const writer = fork(child.file, [directory], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const exited = once(writer, 'exit');
    const written: Written[] = [];
    const verify = async ({ pack, id, offset, length }: Written): Promise<void> => {
      expectBytes(await readAll(partition, pack, [{ start: offset, end: offset + length }]), payloadOf(id, length));
    };
    const live: Promise<void>[] = [];
    await new Promise<void>((resolve) => {
      writer.on('message', (message: Written) => {
        written.push(message);
        if (written.length % 10 === 1) live.push(verify(message)); // while the writer goes on
        if (written.length === blocksMin) resolve();
      });
    });
    writer.kill('SIGKILL');
    await exited;
    await Promise.all(live);
    for (const block of written) await verify(block);

    const { pack } = written[0]!;
    const sizes: number[] = [];
    for await (const info of partition.list()) if (info.pack === pack) sizes.push(info.bytes);
    const parsed = parsePack(await readAll(partition, pack, [{ start: 0, end: sizes[0]! }]));
    expect(['cut', 'damaged']).toContain(parsed.end.state);
    const whole = new Set(parsed.frames.filter(({ badSlices }) => badSlices.length === 0).map(({ id }) => id));
    for (const { id } of written) expect(whole.has(id)).toBe(true);
    expect(await faultOf(partition.open(pack))).toMatchObject({ kind: 'pack-exists' });
    verified += written.length;
  }
  expect(verified).toBeGreaterThan(180);
});
