import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { S3Error } from '../../../../src/gateway/errors.ts';
import { readModel } from '../../../../src/gateway/protocol/model.ts';
import { compilePayload } from '../../../../src/gateway/protocol/payload.ts';

const models = readModel();

function readerOf(name: string): (xml: string | Uint8Array) => Promise<Record<string, unknown>> {
  const plan = compilePayload(models.get(name)!);
  if (plan.kind !== 'whole') throw new Error(`${name} has no XML`);
  return async (xml) => {
    const input: Record<string, unknown> = {};
    await plan.bind(Buffer.from(xml as string), input);
    return input;
  };
}

const readDelete = readerOf('DeleteObjects');
const readTagging = readerOf('PutBucketTagging');
const readAcl = readerOf('PutBucketAcl');
const readComplete = readerOf('CompleteMultipartUpload');
const readVersioning = readerOf('PutBucketVersioning');

const codeOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    return `read ${JSON.stringify(await run())}`;
  } catch (error) {
    return error instanceof S3Error ? error.code : String(error);
  }
};

describe('a document is read', () => {
  it('with and without namespaces and prefixes', async () => {
    const wanted = { VersioningConfiguration: { Status: 'Enabled' } };
    expect(await readVersioning('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')).toEqual(
      wanted,
    );
    expect(
      await readVersioning(
        '<?xml version="1.0" encoding="utf-8"?>\n<s:VersioningConfiguration xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/">\n <s:Status>Enabled</s:Status>\n</s:VersioningConfiguration>',
      ),
    ).toEqual(wanted);
  });

  it('with flattened and wrapped lists', async () => {
    const object = (key: string) => `<Object><Key>${key}</Key></Object>`;
    expect(await readDelete(`<Delete>${object('a')}<Quiet>true</Quiet>${object('b')}</Delete>`)).toEqual({
      Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }], Quiet: true },
    });
    expect(await readTagging('<Tagging><TagSet/></Tagging>')).toEqual({ Tagging: { TagSet: [] } });
  });

  it('with attributes in whatever prefix', async () => {
    const grant = (type: string) =>
      `<AccessControlPolicy><AccessControlList><Grant><Grantee ${type}><ID>1</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`;
    for (const prefix of ['xsi', 'i']) {
      const xmlns = `xmlns:${prefix}="http://www.w3.org/2001/XMLSchema-instance"`;
      expect(await readAcl(grant(`${xmlns} ${prefix}:type="CanonicalUser"`))).toEqual({
        AccessControlPolicy: { Grants: [{ Grantee: { Type: 'CanonicalUser', ID: '1' }, Permission: 'READ' }] },
      });
    }
    expect(await codeOf(() => readAcl(grant('')))).toBe('MalformedXML');
  });

  it('with keys as they are: spaces, line ends as references, CDATA, entities', async () => {
    const read = (text: string) => readDelete(`<Delete><Object><Key>${text}</Key></Object></Delete>`);
    for (const [text, key] of [
      [' a ', ' a '],
      ['a&#xD;&#xA;b', 'a\r\nb'],
      ['<![CDATA[<&>]]>x', '<&>x'],
      ['&lt;&gt;&amp;&quot;&apos;&#233;&#x1F600;', '<>&"\'é😀'],
      ['', ''],
    ] as const) {
      expect(await read(text)).toEqual({ Delete: { Objects: [{ Key: key }] } });
    }
  });

  it('piece by piece when it is large', async () => {
    const keys = Array.from({ length: 1000 }, (_, n) => `${n}-${'\u00e9&'.repeat(100)}`);
    const xml = keys.map((key) => `<Object><Key>${key.replaceAll('&', '&amp;')}</Key></Object>`).join('\n');
    expect(await readDelete(`<Delete>${xml}</Delete>`)).toEqual({ Delete: { Objects: keys.map((Key) => ({ Key })) } });
  });

  it('past elements that the model does not have, however deep', async () => {
    expect(
      await readComplete(
        '<CompleteMultipartUpload><Foo><Part>no</Part><Bar/></Foo><Part><PartNumber>1</PartNumber><X>1</X></Part></CompleteMultipartUpload>',
      ),
    ).toEqual({ MultipartUpload: { Parts: [{ PartNumber: 1 }] } });
  });

  it('as nothing when it is empty and may be', async () => {
    expect(await readComplete('')).toEqual({});
    expect(await codeOf(() => readDelete(''))).toBe('MissingRequestBodyError');
  });
});

describe('a document is refused as MalformedXML', () => {
  const part = (inner: string) => `<CompleteMultipartUpload><Part>${inner}</Part></CompleteMultipartUpload>`;
  it.each([
    [
      'a document type',
      '<!DOCTYPE Delete [<!ENTITY a "b">]><Delete><Object><Key>a</Key></Object></Delete>',
      readDelete,
    ],
    ['an entity of its own', '<Delete><Object><Key>&a;</Key></Object></Delete>', readDelete],
    ['another root', '<Remove><Object><Key>a</Key></Object></Remove>', readDelete],
    ['no end', '<Delete><Object><Key>a</Key></Object>', readDelete],
    ['crossed ends', '<Delete><Object><Key>a</Object></Key></Delete>', readDelete],
    ['two roots', '<Tagging><TagSet/></Tagging><Tagging><TagSet/></Tagging>', readTagging],
    ['a missing member', '<Delete><Object><VersionId>a</VersionId></Object></Delete>', readDelete],
    ['a missing list', '<Delete><Quiet>true</Quiet></Delete>', readDelete],
    ['text between elements', '<Delete>text<Object><Key>a</Key></Object></Delete>', readDelete],
    ['an element inside a text', '<Delete><Object><Key>a<b/></Key></Object></Delete>', readDelete],
    ['a text twice', '<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>', readDelete],
    [
      'a wrong item in a list',
      '<Tagging><TagSet><Tug><Key>a</Key><Value>b</Value></Tug></TagSet></Tagging>',
      readTagging,
    ],
    ['a boolean that is none', '<Delete><Quiet>yes</Quiet><Object><Key>a</Key></Object></Delete>', readDelete],
    ['a number that is none', part('<PartNumber>1.5</PartNumber>'), readComplete],
    ['a number too large', part('<PartNumber>99999999999999999</PartNumber>'), readComplete],
    ['a NUL', '<Delete><Object><Key>&#0;</Key></Object></Delete>', readDelete],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><Tagging><TagSet/></Tagging>', readTagging],
    [
      'bytes that are not UTF-8',
      Buffer.from('<Delete><Object><Key>\xff</Key></Object></Delete>', 'latin1'),
      readDelete,
    ],
    ['too much depth', `<Tagging><TagSet/>${'<a>'.repeat(50)}${'</a>'.repeat(50)}</Tagging>`, readTagging],
    [
      'too many attributes',
      `<Tagging ${Array.from({ length: 40 }, (_, n) => `a${n}=""`).join(' ')}><TagSet/></Tagging>`,
      readTagging,
    ],
    ['no XML at all', '{"Tagging":{}}', readTagging],
  ])('with %s', async (_, xml, read) => {
    expect(await codeOf(() => read(xml))).toBe('MalformedXML');
  });

  it('whatever the bytes are: an S3 error or a value, never anything else', async () => {
    const tokens = fc.constantFrom(
      '<Delete>',
      '</Delete>',
      '<Object>',
      '</Object>',
      '<Key>',
      '</Key>',
      'a',
      '&amp;',
      '&#x41;',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?x ?>',
      '<Quiet/>',
      '\u0000',
      '<a b="c">',
      '</a>',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(tokens, { maxLength: 14 }), async (parts) => {
        expect(await codeOf(() => readDelete(parts.join('')))).toMatch(/^(read|MalformedXML|MissingRequestBodyError)/);
      }),
      { numRuns: 500 },
    );
  });

  it('under another name where the operation says so', async () => {
    const plan = compilePayload(models.get('PutBucketAcl')!, { malformed: 'MalformedACLError' });
    if (plan.kind !== 'whole') throw new Error('no XML');
    expect(await codeOf(() => plan.bind(Buffer.from('<x/>'), {}))).toBe('MalformedACLError');
  });
});
