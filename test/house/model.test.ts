// The SDK's run-time schemas are our protocol: these are the facts about them that the compiler in gateway/protocol relies on.
import * as sdk from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { loadOperations, tableOf } from '../../src/gateway/operations.ts';
import { readModel, schemaOf } from '../../src/gateway/protocol/model.ts';
import { compileProtocol } from '../../src/gateway/protocol/protocol.ts';

const models = readModel();

describe("the SDK's model", () => {
  it('has 112 operations', () => {
    expect(models.size).toBe(112);
  });

  it('lays operations out as [9, namespace, name, traits, input, output]', () => {
    const schema = schemaOf(sdk.GetObjectCommand);
    expect(schema.slice(0, 3)).toEqual([9, 'com.amazonaws.s3', 'GetObject']);
    expect(schema[3].http).toEqual(['GET', '/{Key+}?x-id=GetObject', 200]);
  });

  it('lays structures out with the required members first and their count at index 6', () => {
    const request = sdk.UploadPartRequest$ as unknown as readonly unknown[];
    expect(request[0]).toBe(3);
    expect((request[4] as string[]).slice(0, 4).sort()).toEqual(['Bucket', 'Key', 'PartNumber', 'UploadId']);
    expect(request[6]).toBe(4);
    const required = models.get('UploadPart')!.input.members.filter((member) => member.required);
    expect(required.map(({ name }) => name).sort()).toEqual(['Bucket', 'Key', 'PartNumber', 'UploadId']);
  });

  it('binds what every S3 client relies on', () => {
    const binding = (operation: string, member: string) =>
      models.get(operation)!.input.members.find(({ name }) => name === member)!.binding;
    expect(binding('GetObject', 'Range')).toEqual({ at: 'header', name: 'range' });
    expect(binding('GetObject', 'VersionId')).toEqual({ at: 'query', name: 'versionId' });
    expect(binding('PutObject', 'Metadata')).toEqual({ at: 'prefix', name: 'x-amz-meta-' });
    expect(binding('PutObject', 'Body')).toEqual({ at: 'payload' });
    expect(binding('PutObject', 'Key')).toEqual({ at: 'label' });
  });
});

it('every operation that is built compiles, and names only members that the model has', async () => {
  const operations = await loadOperations();
  const table = tableOf(operations, compileProtocol());
  expect(table.size).toBe(operations.length);
  expect(table.size).toBeGreaterThanOrEqual(34);
});

it('every modelled input that a built operation neither binds to a plain value nor refuses is a choice, not an accident', async () => {
  // What a client may ask for and nobody here would honour: customer keys, locks and the like must stand in a refused list.
  const features = /^(SSE|ServerSideEncryption|BucketKey|ObjectLock|MFA$|CopySourceSSE|WriteOffset)/;
  const silent: string[] = [];
  const table = tableOf(await loadOperations(), compileProtocol());
  for (const [name, { operation, codec }] of table) {
    const handled = new Set([...(operation.refused ?? []), ...Object.keys(operation.accepts ?? {})]);
    for (const member of codec.model.input.members) {
      if (features.test(member.name) && !handled.has(member.name)) silent.push(`${name}.${member.name}`);
    }
  }
  expect(silent).toEqual([]);
});
