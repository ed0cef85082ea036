import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/gateway/protocol/model.ts';
import { compileOutputWriter } from '../../../../src/gateway/protocol/write-output.ts';
import { escapeXml, formatTime } from '../../../../src/gateway/protocol/write-xml.ts';

const models = readModel();
const write = (name: string, output: Record<string, unknown>, status?: number) =>
  compileOutputWriter(models.get(name)!)(output, status);
const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
const xmlns = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

describe('XML', () => {
  it('of a listing', () => {
    const { status, headers, body } = write('ListObjects', {
      Name: 'b',
      Prefix: '',
      IsTruncated: false,
      Contents: [{ Key: 'a<b', Size: 3, ETag: '"e"', LastModified: new Date(0), Owner: { ID: '1' } }],
      CommonPrefixes: [{ Prefix: 'p/' }, { Prefix: 'q/' }],
      Marker: undefined,
    });
    expect(status).toBe(200);
    expect(headers).toEqual({ 'content-type': 'application/xml' });
    expect(body).toContain(`${head}<ListBucketResult ${xmlns}>`);
    expect(body).toContain(
      '<Key>a&lt;b</Key><LastModified>1970-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>',
    );
    expect(body).toContain('<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>q/</Prefix>');
    expect(body).toContain('<IsTruncated>false</IsTruncated>');
    expect(body).not.toContain('Marker');
  });

  it('of grants names the kind of grantee in an attribute', () => {
    const { body } = write('GetBucketAcl', {
      Owner: { ID: '1' },
      Grants: [{ Grantee: { Type: 'CanonicalUser', ID: '"1"' }, Permission: 'READ' }],
    });
    expect(body).toBe(
      `${head}<AccessControlPolicy ${xmlns}><Owner><ID>1</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>&quot;1&quot;</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`,
    );
  });

  it('of a location is the root alone', () => {
    expect(write('GetBucketLocation', { LocationConstraint: 'eu-west-1' }).body).toBe(
      `${head}<LocationConstraint ${xmlns}>eu-west-1</LocationConstraint>`,
    );
    expect(write('GetBucketLocation', {}).body).toBe(`${head}<LocationConstraint ${xmlns}></LocationConstraint>`);
  });

  it('of a payload member has its root, of nothing is empty', () => {
    expect(write('CopyObject', { CopyObjectResult: { ETag: 'x' } }).body).toBe(
      `${head}<CopyObjectResult ${xmlns}><ETag>x</ETag></CopyObjectResult>`,
    );
    expect(write('GetBucketVersioning', {}).body).toBe(
      `${head}<VersioningConfiguration ${xmlns}></VersioningConfiguration>`,
    );
    expect(write('PutObject', { ETag: '"x"' })).toEqual({ status: 200, headers: { etag: '"x"' }, body: undefined });
    expect(write('DeleteObject', { VersionId: 'v' })).toEqual({
      status: 204,
      headers: { 'x-amz-version-id': 'v' },
      body: undefined,
    });
  });

  it('keeps a value apart from the next one that looks the same', () => {
    const keys = ['a', 'a', '', 'b', 'a', ''];
    const { body } = write('ListObjects', { Contents: keys.map((Key) => ({ Key })) });
    expect([...(body as string).matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key)).toEqual(keys);
  });

  it('escapes line ends and controls as references', () => {
    expect(escapeXml('a\r\nb\t\u0001\u007f<&>"\uffff')).toBe('a&#xD;&#xA;b&#x9;&#x1;&#x7F;&lt;&amp;&gt;&quot;&#xFFFF;');
    expect(escapeXml('plain é 漢 😀')).toBe('plain é 漢 😀');
  });
});

it('times are those of toISOString', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      expect(formatTime(date, 'date-time')).toBe(date.toISOString());
    }),
    { numRuns: 500 },
  );
});

describe('headers', () => {
  it('are bound, prefixed and formatted', () => {
    const { headers, status } = write(
      'HeadObject',
      {
        ContentLength: 5,
        LastModified: new Date(784_111_777_000),
        ExpiresString: 'whenever',
        DeleteMarker: false,
        Metadata: { a: '1', 'b-c': 'é' },
        ObjectLockRetainUntilDate: new Date(0),
      },
      206,
    );
    expect(status).toBe(206);
    expect(headers).toEqual({
      'content-length': '5',
      'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
      expires: 'whenever',
      'x-amz-delete-marker': 'false',
      'x-amz-meta-a': '1',
      'x-amz-meta-b-c': 'é',
      'x-amz-object-lock-retain-until-date': '1970-01-01T00:00:00.000Z',
    });
  });

  it('never hold a line end', () => {
    for (const bad of ['a\r\nset-cookie: x', 'a\nb', 'a\0b']) {
      expect(() => write('HeadObject', { ContentType: bad })).toThrow(/line end/);
      expect(() => write('HeadObject', { Metadata: { x: bad } })).toThrow(/line end/);
    }
  });

  it('carry wide characters as their UTF-8 bytes', () => {
    const { headers } = write('HeadObject', { ContentDisposition: '漢' });
    expect(Buffer.from(headers['content-disposition']!, 'latin1').toString('utf8')).toBe('漢');
  });
});
