import { beforeAll, describe, expect, it } from 'vitest';
import { isS3Error } from '../../../../src/gateway/errors.ts';
import { compileMatcher, type MatchRequest } from '../../../../src/gateway/protocol/match.ts';
import { readModel } from '../../../../src/gateway/protocol/model.ts';
import { compilePayload } from '../../../../src/gateway/protocol/payload.ts';
import { asRequest, type Captured, capture, minimalInput } from './sdk-requests.ts';

const models = readModel();
const match = compileMatcher(models.values());

const request = (line: string, headers: Record<string, string> = {}, host = 's3.test'): MatchRequest => {
  const [method, target] = line.split(' ') as [string, string];
  const [rawPath, rawQuery] = target.split('?') as [string, string | undefined];
  const [, bucket, ...key] = rawPath.split('/');
  const query = [...new URLSearchParams(rawQuery ?? '')] as [string, string][];
  return {
    method,
    host,
    rawPath,
    ...(bucket && { bucket }),
    ...(key.join('/') !== '' && { key: key.join('/') }),
    query,
    headers,
  };
};

const nameOf = (line: string, headers?: Record<string, string>, host?: string): string =>
  match(request(line, headers, host)).name;

function codeOf(line: string, headers?: Record<string, string>): string {
  try {
    return `matched ${nameOf(line, headers)}`;
  } catch (error) {
    return isS3Error(error) ? error.code : String(error);
  }
}

describe('every operation of the model', () => {
  const sent = new Map<string, Captured>();
  beforeAll(async () => {
    for (const model of models.values()) sent.set(model.name, await capture(model.name, minimalInput(model)));
  });

  it('are 112', () => {
    expect(models.size).toBe(112);
    expect(sent.size).toBe(112);
  });

  // On the wire ListDirectoryBuckets is ListBuckets, whoever sends it to an S3 endpoint of its own.
  const wireName = (name: string): string => (name === 'ListDirectoryBuckets' ? 'ListBuckets' : name);

  it.each([...models.keys()])('%s is matched as the SDK sends it, with and without x-id', (name) => {
    const captured = sent.get(name)!;
    const full = asRequest(captured, models.get(name)!.scope);
    expect(match(full).name).toBe(wireName(name));
    expect(match({ ...full, query: full.query.filter(([key]) => key !== 'x-id') }).name).toBe(wireName(name));
  });

  it.each([...models.keys()])('%s has its body read back', async (name) => {
    const model = models.get(name)!;
    const captured = sent.get(name)!;
    const plan = compilePayload(model);
    const wanted = minimalInput(model);
    if (plan.kind === 'whole' && captured.body.length > 0) {
      const input: Record<string, unknown> = {};
      await plan.bind(captured.body, input);
      for (const [member, value] of Object.entries(input)) expect(value).toEqual(wanted[member]);
      expect(Object.keys(input).length).toBeGreaterThan(0);
    } else if (plan.kind === 'none') expect(captured.body.length).toBe(0);
  });

  it('knows ListDirectoryBuckets by its own host only', () => {
    expect(nameOf('GET /', {}, 's3express-control.us-east-1.amazonaws.com')).toBe('ListDirectoryBuckets');
    expect(nameOf('GET /?x-id=ListDirectoryBuckets')).toBe('ListBuckets');
  });
});

describe('discriminators', () => {
  it('choose the most specific', () => {
    expect(nameOf('GET /b')).toBe('ListObjects');
    expect(nameOf('GET /b?list-type=2&prefix=x')).toBe('ListObjectsV2');
    expect(nameOf('GET /b/k?partNumber=1')).toBe('GetObject');
    expect(nameOf('GET /b/k?uploadId=1')).toBe('ListParts');
    expect(nameOf('PUT /b/k', { 'x-amz-copy-source': 'b/x' })).toBe('CopyObject');
    expect(nameOf('PUT /b/k?partNumber=1&uploadId=1', { 'x-amz-copy-source': 'b/x' })).toBe('UploadPartCopy');
    expect(nameOf('GET /b?inventory')).toBe('ListBucketInventoryConfigurations');
    expect(nameOf('GET /b?inventory&id=1')).toBe('GetBucketInventoryConfiguration');
  });

  it('are never left over', () => {
    expect(codeOf('PUT /b/k?partNumber=1')).toBe('InvalidArgument');
    expect(codeOf('PUT /b/k?uploadId=1')).toBe('InvalidArgument');
    expect(codeOf('PUT /b/k?renameObject')).toBe('InvalidArgument');
    expect(codeOf('GET /b/k?attributes')).toBe('InvalidArgument');
    expect(codeOf('GET /b?list-type=1')).toBe('InvalidArgument');
    expect(codeOf('PUT /b/k?tagging&uploadId=1&partNumber=2')).toBe('InvalidArgument');
    expect(codeOf('POST /b/k')).toBe('MethodNotAllowed');
  });

  it('of another method or scope are not allowed', () => {
    expect(codeOf('DELETE /b/k?acl')).toBe('MethodNotAllowed');
    expect(codeOf('PUT /b/k?versioning')).toBe('MethodNotAllowed');
    expect(codeOf('GET /b?torrent')).toBe('MethodNotAllowed');
    expect(codeOf('HEAD /b/k?tagging')).toBe('MethodNotAllowed');
    expect(codeOf('PATCH /b/k')).toBe('MethodNotAllowed');
    expect(codeOf('PUT /')).toBe('MethodNotAllowed');
  });

  it('that exclude each other conflict', () => {
    expect(codeOf('GET /b?acl&versioning')).toBe('InvalidArgument');
    expect(codeOf('PUT /b/k?tagging', { 'x-amz-copy-source': 'b/x' })).toBe('InvalidArgument');
  });

  it('leave unknown plain keys alone', () => {
    expect(nameOf('GET /b/k?foo=bar&X-Amz-Signature=1')).toBe('GetObject');
  });

  it('never name a version where none is taken', () => {
    expect(codeOf('PUT /b/k?versionId=1')).toBe('InvalidArgument');
    expect(codeOf('POST /b/k?uploads&versionId=1')).toBe('InvalidArgument');
    expect(nameOf('DELETE /b/k?versionId=1')).toBe('DeleteObject');
  });

  it('name the browser upload', () => {
    expect(codeOf('POST /b', { 'content-type': 'multipart/form-data; boundary=x' })).toBe('NotImplemented');
    expect(codeOf('POST /b')).toBe('PreconditionFailed');
  });

  it('that tie fail at start', () => {
    const model = models.get('GetObject')!;
    expect(() => compileMatcher([model, { ...model, name: 'Twin' }])).toThrow(/cannot be told apart/);
  });
});
