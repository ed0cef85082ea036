// Clients that leave in the middle of what they were saying leave nothing behind that could be seen.
import { ListMultipartUploadsCommand, ListObjectVersionsCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { bytesOf, random } from './support/bodies.ts';
import { newBucket, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { headOf, openSocket } from './support/raw.ts';
import { startUpload } from './support/uploads.ts';

const unsigned = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };

/** Announces `size` bytes, sends `sent` of them and hangs up. */
async function hangUp(target: string, size: number, sent: number): Promise<void> {
  const socket = await openSocket();
  socket.on('error', () => undefined);
  socket.write(headOf({ method: 'PUT', target, headers: { ...unsigned, 'content-length': String(size) } }));
  await new Promise<void>((done) => socket.write(random(sent), () => done()));
  socket.destroy();
}

test('200 clients in mid-PUT', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'kept', 'kept');
  for (let from = 0; from < 200; from += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        hangUp(`/${Bucket}/gone-${from + at}`, 1_000_000, 1 + (((from + at) * 997) % 200_000)),
      ),
    );
  }
  const body = random(100_000);
  await put(Bucket, 'after', body);
  const { Versions, DeleteMarkers } = await main.send(new ListObjectVersionsCommand({ Bucket }));
  expect(Versions!.map(({ Key }) => Key)).toEqual(['after', 'kept']);
  expect(DeleteMarkers).toBeUndefined();
  expect((await bytesOf({ Bucket, Key: 'after' })).equals(body)).toBe(true);
});

test('in mid-part, the upload has no such part', async () => {
  const Bucket = await newBucket();
  const UploadId = await startUpload(Bucket, 'k');
  await hangUp(`/${Bucket}/k?partNumber=1&uploadId=${UploadId}`, 6_000_000, 300_000);
  expect((await main.send(new ListPartsCommand({ Bucket, Key: 'k', UploadId }))).Parts).toBeUndefined();
  expect((await main.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toHaveLength(1);
});

test('in mid-GET, the server goes on', async () => {
  const Bucket = await newBucket();
  const body = random(8_000_000);
  await put(Bucket, 'big', body);
  for (let at = 0; at < 20; at++) {
    const socket = await openSocket();
    socket.on('error', () => undefined);
    socket.write(headOf({ target: `/${Bucket}/big` }));
    await new Promise((done) => socket.once('data', done));
    socket.destroy();
  }
  expect((await bytesOf({ Bucket, Key: 'big' })).equals(body)).toBe(true);
});
