// Another key of the same bytes, with whatever the directives say.
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectAclCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, etagOf, MiB, md5, partBytes, random, sha256Base64, textOf } from './support/bodies.ts';
import { newBucket, newName, put, setVersioning } from './support/buckets.ts';
import { alt, anonymous, main } from './support/clients.ts';
import { raw, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { uploadWhole } from './support/uploads.ts';

let Bucket: string;
let other: string;
let modified: Date;
const text = 'the source';
beforeAll(async () => {
  Bucket = await newBucket();
  other = await newBucket();
  await put(Bucket, 'source', text, {
    ContentType: 'text/plain',
    CacheControl: 'no-store',
    Metadata: { from: 'source' },
    Tagging: 'a=1',
    ChecksumSHA256: sha256Base64(text),
  });
  modified = (await main.send(new HeadObjectCommand({ Bucket, Key: 'source' }))).LastModified!;
});
const copy = (Key: string, more: object = {}) =>
  new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/source`, ...more });
const head = (Key: string, bucket = Bucket) =>
  main.send(new HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }));
const tagsOf = async (Key: string) => (await main.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
const later = (ms: number) => new Date(modified.getTime() + ms);

test('bytes, attributes, tags and checksum go along', async () => {
  const { CopyObjectResult } = await main.send(
    copy('plain', {
      RequestPayer: 'requester',
      StorageClass: 'STANDARD',
      ExpectedBucketOwner: target.main.canonicalId,
      ExpectedSourceBucketOwner: target.main.canonicalId,
    }),
  );
  expect(CopyObjectResult).toMatchObject({ ETag: etagOf(text), ChecksumSHA256: sha256Base64(text) });
  expect(CopyObjectResult!.LastModified).toBeInstanceOf(Date);
  expect(await textOf({ Bucket, Key: 'plain' })).toBe(text);
  expect(await head('plain')).toMatchObject({
    ContentType: 'text/plain',
    CacheControl: 'no-store',
    Metadata: { from: 'source' },
  });
  expect(await tagsOf('plain')).toEqual([{ Key: 'a', Value: '1' }]);
});

test('to another bucket; the copy outlives its source', async () => {
  const body = random(9 * MiB);
  await put(Bucket, 'gone-soon', body);
  await main.send(copy('kept', { Bucket: other, CopySource: `/${Bucket}/gone-soon` }));
  await main.send(new DeleteObjectCommand({ Bucket, Key: 'gone-soon' }));
  expect((await bytesOf({ Bucket: other, Key: 'kept' })).equals(body)).toBe(true);
});

test('a multipart object stays one', async () => {
  const { ETag } = await uploadWhole(Bucket, 'multi', [random(partBytes), 'tail']);
  const { CopyObjectResult } = await main.send(copy('multi-copy', { CopySource: `${Bucket}/multi` }));
  expect(CopyObjectResult!.ETag).toBe(ETag);
  expect(md5(await bytesOf({ Bucket, Key: 'multi-copy' }))).toBe(md5(await bytesOf({ Bucket, Key: 'multi' })));
});

describe('directives', () => {
  test('REPLACE takes everything from the request', async () => {
    await main.send(
      copy('replaced', {
        MetadataDirective: 'REPLACE',
        TaggingDirective: 'REPLACE',
        Tagging: 'b=2',
        CacheControl: 'private',
        ContentDisposition: 'inline',
        ContentEncoding: 'gzip',
        ContentLanguage: 'de',
        ContentType: 'text/x-new',
        Expires: new Date('2031-02-03T04:05:06Z'),
        Metadata: { to: 'copy' },
        WebsiteRedirectLocation: '/there',
      }),
    );
    expect(await head('replaced')).toMatchObject({
      CacheControl: 'private',
      ContentDisposition: 'inline',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      ContentType: 'text/x-new',
      ExpiresString: 'Mon, 03 Feb 2031 04:05:06 GMT',
      Metadata: { to: 'copy' },
      WebsiteRedirectLocation: '/there',
    });
    expect(await tagsOf('replaced')).toEqual([{ Key: 'b', Value: '2' }]);
  });

  test('REPLACE with nothing clears', async () => {
    await main.send(copy('cleared', { MetadataDirective: 'REPLACE', TaggingDirective: 'REPLACE' }));
    expect((await head('cleared')).Metadata).toEqual({});
    expect(await tagsOf('cleared')).toEqual([]);
  });

  test('COPY ignores what else is sent', async () => {
    await main.send(
      copy('copied', {
        MetadataDirective: 'COPY',
        TaggingDirective: 'COPY',
        ContentType: 'text/x-new',
        Metadata: { to: 'copy' },
      }),
    );
    expect(await head('copied')).toMatchObject({ ContentType: 'text/plain', Metadata: { from: 'source' } });
    const Metadata = { k: 'v'.repeat(2048) };
    await refuses(main, copy('copied', { MetadataDirective: 'COPY', Metadata }), 'MetadataTooLarge');
  });

  test('a redirect is never copied, but may be given', async () => {
    await put(Bucket, 'redirecting', text, { WebsiteRedirectLocation: '/there' });
    const CopySource = `${Bucket}/redirecting`;
    await main.send(copy('redirected', { CopySource }));
    expect((await head('redirected')).WebsiteRedirectLocation).toBeUndefined();
    await main.send(copy('redirected', { CopySource, WebsiteRedirectLocation: '/elsewhere' }));
    expect((await head('redirected')).WebsiteRedirectLocation).toBe('/elsewhere');
    await main.send(copy('redirecting', { CopySource, WebsiteRedirectLocation: '/elsewhere' })); // a change of its own
    expect((await head('redirecting')).WebsiteRedirectLocation).toBe('/elsewhere');
    await refuses(main, copy('k', { WebsiteRedirectLocation: 'elsewhere' }), 'InvalidRedirectLocation');
  });

  test('unheard ones', async () => {
    await refuses(main, copy('k', { MetadataDirective: 'MERGE' }), 'InvalidArgument');
    await refuses(main, copy('k', { TaggingDirective: 'MERGE' }), 'InvalidArgument');
    await refuses(
      main,
      copy('k', { MetadataDirective: 'REPLACE', Metadata: { k: 'v'.repeat(2048) } }),
      'MetadataTooLarge',
    );
    await refuses(main, copy('k', { TaggingDirective: 'REPLACE', Tagging: 'a=1&a=2' }), 'InvalidArgument');
    await refuses(main, copy('k', { TaggingDirective: 'REPLACE', Tagging: 'a=<' }), 'InvalidTag');
  });

  test('onto itself only with a change', async () => {
    await put(Bucket, 'self', 'x', { Metadata: { v: '1' } });
    const onto = { CopySource: `${Bucket}/self` };
    await refuses(main, copy('self', onto), 'InvalidRequest');
    await main.send(copy('self', { ...onto, MetadataDirective: 'REPLACE', Metadata: { v: '2' } }));
    expect((await head('self')).Metadata).toEqual({ v: '2' });
  });
});

test('a newly asked checksum is computed', async () => {
  const { CopyObjectResult } = await main.send(copy('crc', { ChecksumAlgorithm: 'CRC32' }));
  expect(CopyObjectResult!.ChecksumCRC32).toBeTruthy();
  expect((await head('crc')).ChecksumCRC32).toBe(CopyObjectResult!.ChecksumCRC32);
  await refuses(main, copy('k', { ChecksumAlgorithm: 'CRC7' }), 'InvalidRequest');
});

describe('conditions', () => {
  test('on the source', async () => {
    await main.send(copy('c', { CopySourceIfMatch: etagOf(text), CopySourceIfModifiedSince: later(-60_000) }));
    await main.send(copy('c', { CopySourceIfNoneMatch: '"nope"', CopySourceIfUnmodifiedSince: later(0) }));
    await refuses(main, copy('c', { CopySourceIfMatch: '"nope"' }), 'PreconditionFailed');
    await refuses(main, copy('c', { CopySourceIfNoneMatch: etagOf(text) }), 'PreconditionFailed');
    await refuses(main, copy('c', { CopySourceIfModifiedSince: later(0) }), 'PreconditionFailed');
    await refuses(main, copy('c', { CopySourceIfUnmodifiedSince: later(-60_000) }), 'PreconditionFailed');
  });

  test('on the target', async () => {
    await main.send(copy('once', { IfNoneMatch: '*' }));
    await refuses(main, copy('once', { IfNoneMatch: '*' }), 'PreconditionFailed');
    await main.send(copy('once', { IfMatch: etagOf(text) }));
    await refuses(main, copy('once', { IfMatch: '"nope"' }), 'PreconditionFailed');
  });
});

describe('the source', () => {
  test('by version', async () => {
    const versioned = await newBucket({ versioned: true });
    const { VersionId } = await put(versioned, 'v', 'old');
    await put(versioned, 'v', 'new');
    const made = await main.send(
      copy('from-old', { Bucket: versioned, CopySource: `${versioned}/v?versionId=${VersionId}` }),
    );
    expect(made.CopySourceVersionId).toBe(VersionId);
    expect(made.VersionId).toBeTruthy();
    expect(await textOf({ Bucket: versioned, Key: 'from-old' })).toBe('old');
    await refuses(main, copy('k', { CopySource: `${versioned}/other?versionId=${VersionId}` }), 'NoSuchVersion');
    await setVersioning(versioned, 'Suspended');
    const again = await main.send(
      copy('v', { Bucket: versioned, CopySource: `${versioned}/v?versionId=${VersionId}` }),
    );
    expect(again.CopySourceVersionId).toBe(VersionId);
    expect(await textOf({ Bucket: versioned, Key: 'v' })).toBe('old');
  });

  test('keys are decoded once', async () => {
    await put(Bucket, 'a%25.txt', 'encoded');
    await put(Bucket, 'a%.txt', 'plain');
    await put(Bucket, 'q?versionId=x y+z', 'question');
    const from = async (source: string) => {
      await main.send(copy('decoded', { CopySource: source }));
      return textOf({ Bucket, Key: 'decoded' });
    };
    expect(await from(`${Bucket}/a%2525.txt`)).toBe('encoded');
    expect(await from(`${Bucket}/a%25.txt`)).toBe('plain');
    expect(await from(encodeURIComponent(`${Bucket}/q?versionId=x y+z`))).toBe('question');
  });

  test('that is not there', async () => {
    for (const name of ['bucket/%ZZ', 'bucket/%1', 'bucket/%ff', 'my-buc@k/k', 'no-key', 'no-key/']) {
      await refuses(main, copy('k', { CopySource: name }), 'InvalidArgument');
    }
    await refuses(main, copy('k', { CopySource: `${Bucket}/nothing` }), 'NoSuchKey');
    await refuses(main, copy('k', { CopySource: `${newName()}/k` }), 'NoSuchBucket');
    for (const source of ['nobucket', '/', `${Bucket}/`]) {
      await rawRefused(
        'CopyObject',
        { method: 'PUT', target: `/${Bucket}/k`, headers: { 'x-amz-copy-source': source } },
        'InvalidArgument',
      );
    }
    await refuses(main, copy('k', { ExpectedSourceBucketOwner: 'f'.repeat(64) }), 'AccessDenied');
  });

  test('must be readable, the target writable', async () => {
    const open = await newBucket({ ACL: 'public-read-write' });
    await refuses(alt, copy('stolen', { Bucket: open }), 'AccessDenied');
    await put(Bucket, 'free', 'free', { ACL: 'public-read' });
    await alt.send(copy('given', { Bucket: open, CopySource: `${Bucket}/free` }));
    await refuses(anonymous, copy('given', { CopySource: `${Bucket}/free` }), 'AccessDenied');
  });
});

test('the ACL is new, and never the source’s', async () => {
  await put(Bucket, 'public', 'x', { ACL: 'public-read' });
  await main.send(copy('private', { CopySource: `${Bucket}/public` }));
  await refuses(anonymous, new HeadObjectCommand({ Bucket, Key: 'private' }), 'AccessDenied');
  await main.send(copy('opened', { ACL: 'public-read' }));
  expect(await textOf({ Bucket, Key: 'opened' }, anonymous)).toBe(text);
  const id = `id="${target.alt.canonicalId}"`;
  await main.send(
    copy('granted', {
      GrantFullControl: `id="${target.main.canonicalId}"`,
      GrantRead: id,
      GrantReadACP: id,
      GrantWriteACP: id,
    }),
  );
  const { Grants } = await alt.send(new GetObjectAclCommand({ Bucket, Key: 'granted' }));
  expect(Grants).toHaveLength(4);
});

test('the answer is one document', async () => {
  const { body } = await raw({
    method: 'PUT',
    target: `/${Bucket}/doc`,
    headers: { 'x-amz-copy-source': `${Bucket}/source` },
  });
  expect(body).toMatch(/<CopyObjectResult xmlns="http:\/\/s3\.amazonaws\.com\/doc\/2006-03-01\/">.*<ETag>(&quot;|")/);
});
