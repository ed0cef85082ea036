// A backend that accepts connections and then says nothing, or stops in the midst: every call ends as a partition down.
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { S3Partition } from '../../src/partition/adapters/s3-partition.ts';
import { faultOf, newPackId, readAll } from './partition.contract.ts';

let server: Server;
let sockets: Socket[];
let partition: S3Partition;
let onSocket: (socket: Socket) => void;

beforeEach(async () => {
  sockets = [];
  onSocket = () => undefined;
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  partition = new S3Partition({
    id: 'p1',
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'silent',
    region: 'us-east-1',
    accessKey: 'key',
    secretKey: 'secret',
    clock: systemClock,
    random: systemRandom,
    trailers: true,
    connectTimeoutMs: 300,
    headersTimeoutMs: 300,
    idleTimeoutMs: 300,
    retries: { retriesMax: 1, delayMs: 1, delayMsMax: 1 },
  });
});
afterEach(async () => {
  await partition.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const down = { kind: 'partition-down', partition: 'p1' };

describe('a silent backend', () => {
  it('does not hold a read, a removal, a list or a probe', async () => {
    onSocket = (socket) => socket.resume();
    const pack = newPackId();
    const list = async () => {
      for await (const _ of partition.list());
    };
    const faults = await Promise.all([
      faultOf(readAll(partition, pack, [{ start: 0, end: 10 }])),
      faultOf(partition.remove([pack])),
      faultOf(partition.remove([pack, newPackId()])),
      faultOf(list()),
    ]);
    for (const fault of faults) expect(fault).toMatchObject(down);
    expect(await partition.probe()).toMatchObject({ ok: false });
  });

  it('does not hold a reader that it left in the midst', async () => {
    onSocket = (socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 206 Partial\r\ncontent-length: 10\r\ncontent-range: bytes 0-9/10\r\n\r\n');
      });
    };
    expect(await faultOf(readAll(partition, newPackId(), [{ start: 0, end: 10 }]))).toMatchObject(down);
  });

  it('does not hold a writer whose bytes it does not take', async () => {
    onSocket = (socket) => socket.pause(); // the sender's buffers fill, nothing is ever acknowledged by the application
    const bytes = Buffer.alloc(32 << 20);
    const held = await partition.open(newPackId());
    held.append([bytes]);
    expect(await faultOf(held.seal())).toMatchObject(down);

    const streamed = await partition.open(newPackId(), bytes.length);
    const append = async (): Promise<void> => {
      for (let at = 0; at < bytes.length; at += 1 << 20) {
        streamed.append([bytes.subarray(at, at + (1 << 20))]);
        await streamed.ready();
      }
      await streamed.seal();
    };
    expect(await faultOf(append())).toMatchObject(down);
  });
});
