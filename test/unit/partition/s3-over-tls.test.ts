// A backend with a certificate of a private authority: both ways to it, our own requests and the SDK's, must trust it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { S3Partition } from '../../../src/partition/adapters/s3-partition.ts';
import { settings } from './s3-settings.ts';

const pem = (name: string): string => readFileSync(new URL(`../../support/tls/${name}.pem`, import.meta.url), 'utf8');

it('is trusted with its authority and refused without', async () => {
  const hashes: unknown[] = [];
  const server = createServer({ cert: pem('cert'), key: pem('key') }, (request, response) => {
    hashes.push(request.headers['x-amz-content-sha256']);
    request.resume().on('end', () => response.end('<ListBucketResult></ListBucketResult>'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const partitionWith = (ca?: string): S3Partition =>
    new S3Partition({
      ...settings,
      endpoint: `https://localhost:${(server.address() as AddressInfo).port}`,
      retries: { retriesMax: 0, delayMs: 0, delayMsMax: 0 },
      ...(ca === undefined ? {} : { ca }),
    });
  const list = async (partition: S3Partition): Promise<void> => {
    for await (const _ of partition.list());
  };
  const trusting = partitionWith(pem('cert'));
  const wary = partitionWith();
  try {
    expect(await trusting.probe()).toMatchObject({ ok: true });
    await list(trusting);
    expect(hashes[0]).toBe('UNSIGNED-PAYLOAD');
    expect(await wary.probe()).toMatchObject({ ok: false, message: expect.stringContaining('self-signed') });
    await expect(list(wary)).rejects.toThrow('self-signed');
  } finally {
    await trusting.close();
    await wary.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
