// Version 2 signatures: AWS's documented requests, URLs as botocore wrote them, each refusal by its code, and thousands of requests of
// an independent little signer with one field changed.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/gateway/address.ts';
import { isS3Error, type S3Error } from '../../../src/gateway/errors.ts';
import { compileProtocol } from '../../../src/gateway/protocol/protocol.ts';
import { createVerifier, type Verified, type VerifierOptions } from '../../../src/gateway/signature.ts';
import { type Chance, createChance, escapePath, users } from './signing.ts';

const { selectors } = compileProtocol();
const exampleKey = 'AKIAIOSFODNN7EXAMPLE';
const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const directory = {
  byAccessKey: (accessKey: string) =>
    accessKey === exampleKey ? { user: users[0]!.user, secretKey } : users.find((one) => one.accessKey === accessKey),
};
const domains = ['s3.amazonaws.com', 's3.us-west-1.amazonaws.com', 's3.example.com'];
/** When the URLs below were made. */
const madeMs = 1_795_381_859_000;

interface Sent {
  method: string;
  target: string;
  headers: Record<string, string>;
}

function verify(sent: Sent, wallMs: number, options: Partial<VerifierOptions> = {}): Verified {
  const verifier = createVerifier({
    users: directory,
    region: 'us-east-1',
    clock: { wallMs: () => wallMs },
    profile: 'rgw',
    selectors,
    ...options,
  });
  const address = parseAddress(sent.target, sent.headers.host, { domains });
  return verifier.verify({ method: sent.method, address, rawHeaders: Object.entries(sent.headers).flat() });
}

function errorOf(run: () => unknown): S3Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (isS3Error(error)) return error;
    throw error;
  }
}
const codeOf = (run: () => unknown): string => errorOf(run)?.code ?? 'accepted';

// "Signing and authenticating REST requests", with the keys of that page.
const documented: Record<string, [date: string, sent: Sent]> = {
  'object GET': [
    'Tue, 27 Mar 2007 19:36:42 +0000',
    {
      method: 'GET',
      target: '/photos/puppy.jpg',
      headers: {
        host: 'awsexamplebucket1.s3.us-west-1.amazonaws.com',
        date: 'Tue, 27 Mar 2007 19:36:42 +0000',
        authorization: `AWS ${exampleKey}:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=`,
      },
    },
  ],
  'object PUT': [
    'Tue, 27 Mar 2007 21:15:45 +0000',
    {
      method: 'PUT',
      target: '/photos/puppy.jpg',
      headers: {
        'content-type': 'image/jpeg',
        'content-length': '94328',
        host: 'awsexamplebucket1.s3.us-west-1.amazonaws.com',
        date: 'Tue, 27 Mar 2007 21:15:45 +0000',
        authorization: `AWS ${exampleKey}:iqRzw+ileNPu1fhspnRs8nOjjIA=`,
      },
    },
  ],
  list: [
    'Tue, 27 Mar 2007 19:42:41 +0000',
    {
      method: 'GET',
      target: '/?prefix=photos&max-keys=50&marker=puppy',
      headers: {
        'user-agent': 'Mozilla/5.0',
        host: 'awsexamplebucket1.s3.us-west-1.amazonaws.com',
        date: 'Tue, 27 Mar 2007 19:42:41 +0000',
        authorization: `AWS ${exampleKey}:m0WP8eCtspQl5Ahe6L1SozdX9YA=`,
      },
    },
  ],
  fetch: [
    'Tue, 27 Mar 2007 19:44:46 +0000',
    {
      method: 'GET',
      target: '/?acl',
      headers: {
        host: 'awsexamplebucket1.s3.us-west-1.amazonaws.com',
        date: 'Tue, 27 Mar 2007 19:44:46 +0000',
        authorization: `AWS ${exampleKey}:82ZHiFIjc+WbcwFKGUVEQspPn+0=`,
      },
    },
  ],
};

/** The same requests in the page's older edition, whose bucket was johnsmith. */
const older: Record<string, string> = {
  'object GET': 'bWq2s1WEIj+Ydj0vQ697zp+IXMU=',
  'object PUT': 'MyyxeRY7whkBe+bq8fHCL/2kKUg=',
  list: 'htDYFYduRNen8P9ZfE/s9SuKy0U=',
  fetch: 'c2WLPFtWHVgbEmeEG93a4cG37dM=',
};

test.each(Object.entries(documented))('AWS documents: %s', (name, [date, sent]) => {
  verify(sent, Date.parse(date));
  const host = 'johnsmith.s3.amazonaws.com';
  const authorization = `AWS ${exampleKey}:${older[name]}`;
  verify({ ...sent, headers: { ...sent.headers, host, authorization } }, Date.parse(date));
});

// python3, botocore 1.43 with its defaults: region us-east-1, the clock at `madeMs`, an hour to live.
const auth = (signature: string) => `AWSAccessKeyId=${exampleKey}&Signature=${signature}`;
const expires = 'Expires=1795385459';
const captured: readonly [method: string, target: string][] = [
  ['GET', `/bucket/a%20b/%C3%BC%2B%26%3F.txt?${auth('Lv9ZgDGeR6LQqKucRw37A1uxKz4%3D')}&${expires}`],
  ['PUT', `/bucket/k?${auth('3zLwXOJs1UaqnqTsHspuldnhGAg%3D')}&${expires}`],
  [
    'PUT',
    `/bucket/k?${auth('3bWNS4uVrhWa1GNEub7JEK%2Ffd0I%3D')}&content-type=text%2Fplain%3B%20charset%3Dutf-8&x-amz-acl=public-read&x-amz-meta-one=a%2C%20b&${expires}`,
  ],
  ['GET', `/bucket?list-type=2&prefix=x%2F&encoding-type=url&${auth('n%2BbwHJLSewtRmKnY9bWmGo2rDwY%3D')}&${expires}`],
  ['GET', `/bucket/k?acl&versionId=v1&${auth('k4yO61wf%2FI2fwq9w45QJZkIaSaI%3D')}&${expires}`],
  [
    'GET',
    `/bucket/k?response-content-disposition=attachment%3B%20filename%3D%22a%26b%20c%2Bd.txt%22&response-content-type=text%2Fplain&${auth('O6lez5Zx1aCyVHGA%2B69syTkSMG4%3D')}&${expires}`,
  ],
  ['PUT', `/bucket/k?uploadId=u%2B%2F%3D1&partNumber=3&${auth('bPQRqkyhVi2kG0DyzP7nzy3d8hI%3D')}&${expires}`],
  ['HEAD', `/bucket?${auth('rm9BBWZ4V1ABQ4DlJS5H6KnZ6xo%3D')}&${expires}`],
  ['GET', `/?${auth('EyIpklO%2Ba4IUgxLQLV6a5rXitgY%3D')}&${expires}`],
  [
    'PUT',
    `/bucket/k?${auth('f3LFrmoE2nUTSbVh4Vu8JdoJ2nA%3D')}&content-md5=1B2M2Y8AsgTpgAmY7PhCfg%3D%3D&x-amz-checksum-sha256=47DEQpj8HBSa%2B%2FTImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D&${expires}`,
  ],
];
const pathStyle = (index: number, headers: Record<string, string> = {}): Sent => ({
  method: captured[index]![0],
  target: captured[index]![1],
  headers: { host: 's3.example.com:9000', ...headers },
});
const getUrl = pathStyle(0);
const putUrl = pathStyle(1);
const typedPut = pathStyle(2);

test.each(captured.map(([method, target], index) => [method, target, index] as const))(
  'botocore presigns %s %s',
  (_method, target, index) => {
    for (const profile of ['aws', 'rgw'] as const) {
      expect(verify(pathStyle(index), madeMs, { profile })).toMatchObject({
        presigned: true,
        signed: true,
        payload: { kind: 'unsigned' },
        identity: { kind: 'user', user: users[0]!.user },
      });
      // botocore signs the same for a virtual host.
      if (!target.startsWith('/bucket')) continue;
      const rest = target.slice('/bucket'.length);
      const virtual = rest.startsWith('/') ? rest : `/${rest}`;
      const headers = { host: 'bucket.s3.example.com:9000' };
      verify({ method: captured[index]![0], target: virtual, headers }, madeMs, { profile });
      const elsewhere = { host: 'tekcub.s3.example.com' };
      expect(codeOf(() => verify({ ...pathStyle(index), target: virtual, headers: elsewhere }, madeMs))).toBe(
        'SignatureDoesNotMatch',
      );
    }
  },
);

test('what stands in the URL for a header counts as one, and cannot be sent otherwise', () => {
  expect(verify(typedPut, madeMs).hoisted).toEqual({
    'content-type': 'text/plain; charset=utf-8',
    'x-amz-acl': 'public-read',
    'x-amz-meta-one': 'a, b',
  });
  verify(pathStyle(2, { 'content-type': 'text/plain; charset=utf-8', 'x-amz-acl': 'public-read' }), madeMs);
  const sending = (headers: Record<string, string>) => codeOf(() => verify(pathStyle(2, headers), madeMs));
  expect(sending({ 'content-type': 'text/html' })).toBe('SignatureDoesNotMatch');
  expect(sending({ 'x-amz-acl': 'private' })).toBe('AccessDenied');
  expect(sending({ 'x-amz-meta-two': 'x' })).toBe('SignatureDoesNotMatch');
  for (const added of ['x-amz-acl=private', 'X-Amz-Acl=public-read', 'x-amz-meta-b%3Ac=d', 'content-md5=a%0Ab']) {
    expect(
      codeOf(() => verify({ ...typedPut, target: `${typedPut.target}&${added}` }, madeMs)),
      added,
    ).toBe('AccessDenied');
  }
});

test('an expiry is a time to come, within a week', () => {
  const at = (wallMs: number, options: Partial<VerifierOptions> = {}) => errorOf(() => verify(getUrl, wallMs, options));
  const endMs = 1_795_385_459_000;
  expect(at(endMs - 1)).toBeUndefined();
  const expired = at(endMs)!;
  expect([expired.code, expired.message]).toEqual(['AccessDenied', 'Request has expired']);
  expect(expired.extra).toEqual({ Expires: '2026-11-22T22:10:59.000Z', ServerTime: '2026-11-22T22:10:59.000Z' });
  const earliestMs = endMs - 604_800_000 - 900_000;
  expect(at(earliestMs)).toBeUndefined();
  expect(at(earliestMs - 1)?.code).toBe('AccessDenied');
  expect(at(earliestMs - 1, { profile: 'aws' })?.code).toBe('AuthorizationQueryParametersError');
  for (const text of ['', 'x', '-1', '1.5', '1e9', '0x7', '%20', '9999999999999999', 'Sun,%2022%20Nov%202026']) {
    const target = getUrl.target.replace('1795385459', text);
    expect(
      codeOf(() => verify({ ...getUrl, target }, madeMs)),
      text,
    ).toBe('AccessDenied');
  }
});

test('a URL lacks nothing and has nothing twice', () => {
  const changed = (from: RegExp | string, to: string) =>
    codeOf(() => verify({ ...getUrl, target: getUrl.target.replace(from, to) }, madeMs));
  expect(changed(/AWSAccessKeyId=[^&]*&/, '')).toBe('AccessDenied');
  expect(changed(/Signature=[^&]*&/, '')).toBe('AccessDenied');
  expect(changed(/&Expires=.*/, '')).toBe('AccessDenied');
  expect(changed(exampleKey, 'NOBODY')).toBe('InvalidAccessKeyId');
  expect(changed('Expires=', 'Expires=1&Expires=')).toBe('AccessDenied');
  expect(changed(/Signature=[^&]*/, 'Signature=x')).toBe('SignatureDoesNotMatch');
  expect(changed(/$/, '&x-amz-security-token=x')).toBe('InvalidToken');
  // Unencoded plus signs.
  verify({ ...pathStyle(3), target: pathStyle(3).target.replace('n%2Bb', 'n+b') }, madeMs);
  const mismatch = errorOf(() => verify({ ...getUrl, method: 'PUT' }, madeMs))!;
  expect(mismatch.extra).toMatchObject({
    AWSAccessKeyId: exampleKey,
    SignatureProvided: 'Lv9ZgDGeR6LQqKucRw37A1uxKz4=',
    StringToSign: 'PUT\n\n\n1795385459\n/bucket/a%20b/%C3%BC%2B%26%3F.txt',
  });
});

test('one mechanism at a time', () => {
  const both = (sent: Sent) => codeOf(() => verify(sent, madeMs));
  const date = new Date(madeMs).toUTCString();
  expect(both(pathStyle(0, { date, authorization: `AWS ${exampleKey}:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=` }))).toBe(
    'InvalidArgument',
  );
  expect(both(pathStyle(0, { date, authorization: 'AWS4-HMAC-SHA256 Credential=x' }))).toBe('InvalidArgument');
  for (const added of ['X-Amz-Signature=00', 'X-Amz-Algorithm=AWS4-HMAC-SHA256', 'x-amz-date=20261122T000000Z']) {
    expect(both({ ...getUrl, target: `${getUrl.target}&${added}` }), added).toBe('InvalidArgument');
  }
});

test('what the signature leaves open cannot select another operation', () => {
  const covered = new Set<string>();
  for (const name of [...selectors].filter((one) => one !== 'list-type')) {
    for (const sent of [getUrl, putUrl, pathStyle(7)]) {
      const code = codeOf(() => verify({ ...sent, target: `${sent.target}&${name}` }, madeMs));
      expect(['SignatureDoesNotMatch', 'AccessDenied'], name).toContain(code);
      if (code === 'SignatureDoesNotMatch') covered.add(name);
    }
  }
  for (const name of [
    'attributes',
    'retention',
    'legal-hold',
    'encryption',
    'ownershipControls',
    'publicAccessBlock',
  ]) {
    expect([...selectors]).toContain(name);
    expect([...covered]).not.toContain(name);
  }
  expect([...covered]).toEqual(
    expect.arrayContaining(['acl', 'tagging', 'uploadId', 'uploads', 'versioning', 'delete']),
  );
  // Neither selects nor is signed.
  verify({ ...getUrl, target: `${getUrl.target}&x-id=GetObject&cache=1` }, madeMs);
  const twice = pathStyle(4).target.replace('versionId=v1', 'versionId=v1&versionId=v0');
  expect(codeOf(() => verify({ ...pathStyle(4), target: twice }, madeMs))).toBe('AccessDenied');
});

test('without knowing what selects operations, version 2 is refused', () => {
  const bare = createVerifier({ users: directory, region: 'us-east-1', clock: { wallMs: () => madeMs } });
  const address = parseAddress(getUrl.target, undefined, { domains });
  expect(codeOf(() => bare.verify({ method: 'GET', address, rawHeaders: [] }))).toBe('InvalidRequest');
});

test('the header form: profile rgw alone, within 15 minutes', () => {
  const [date, sent] = documented['object GET']!;
  const atMs = Date.parse(date);
  expect(codeOf(() => verify(sent, atMs, { profile: 'aws' }))).toBe('InvalidRequest');
  expect(codeOf(() => verify(sent, atMs + 900_000))).toBe('accepted');
  expect(codeOf(() => verify(sent, atMs + 900_001))).toBe('RequestTimeTooSkewed');
  expect(codeOf(() => verify(sent, atMs - 900_001))).toBe('RequestTimeTooSkewed');
  const having = (headers: Record<string, string>) =>
    codeOf(() => verify({ ...sent, headers: { ...sent.headers, ...headers } }, atMs));
  for (const bad of ['', 'Bad Date', 'Tue, 07 Jul 1950 21:53:04 GMT']) {
    expect(having({ 'x-amz-date': bad }), bad).toBe('AccessDenied');
  }
  for (const far of ['Tue, 07 Jul 2010 21:53:04 GMT', 'Tue, 07 Jul 9999 21:53:04 GMT']) {
    expect(having({ 'x-amz-date': far }), far).toBe('RequestTimeTooSkewed');
  }
  expect(having({ date: '' })).toBe('AccessDenied');
  for (const bad of ['AWS', 'AWS HAHAHA', `AWS ${exampleKey}:`, 'AWS :x', 'AWS a:b c']) {
    expect(having({ authorization: bad }), bad).toBe('InvalidArgument');
  }
  expect(having({ authorization: 'AWS NOBODY:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=' })).toBe('InvalidAccessKeyId');
  expect(having({ 'x-amz-security-token': 'x' })).toBe('InvalidToken');
  // Not signed, as only a URL's query stands for headers.
  expect(having({ 'content-md5': 'x' })).toBe('SignatureDoesNotMatch');
});

test('a body is vouched for by what is declared, never by signed chunks', () => {
  const signed = (hash: string) => {
    const headers = {
      host: 's3.example.com',
      'x-amz-content-sha256': hash,
      'x-amz-date': new Date(madeMs).toUTCString(),
    };
    const text = `PUT\n\n\n\nx-amz-content-sha256:${hash}\nx-amz-date:${headers['x-amz-date']}\n/bucket/k`;
    const authorization = `AWS ${exampleKey}:${createHmac('sha1', secretKey).update(text).digest('base64')}`;
    return verify({ method: 'PUT', target: '/bucket/k', headers: { ...headers, authorization } }, madeMs).payload;
  };
  expect(signed('AB'.repeat(32))).toEqual({ kind: 'sha256', hex: 'ab'.repeat(32) });
  expect(signed('UNSIGNED-PAYLOAD')).toEqual({ kind: 'unsigned' });
  expect(signed('STREAMING-UNSIGNED-PAYLOAD-TRAILER')).toEqual({ kind: 'unsigned-trailer' });
  expect(codeOf(() => signed('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'))).toBe('AccessDenied');
});

// An independent signer: it knows what it means and never reads it back from a target.
interface Plan {
  user: (typeof users)[number];
  method: string;
  bucket: string;
  key: string;
  virtual: boolean;
  presigned: boolean;
  headers: Record<string, string>;
  covered: Record<string, string>;
  open: Record<string, string>;
  date: string;
  expires: number;
}

const word = (chance: Chance): string =>
  Array.from({ length: 1 + chance.below(8) }, () => chance.pick([...'abcXYZ019-_.~ +&=?%/"\'*ü€😀'])).join('');

function planOf(chance: Chance): Plan {
  const headers: Record<string, string> = {};
  if (chance.flip(0.3)) headers['content-type'] = chance.pick(['text/plain', 'image/jpeg', 'application/json; a=b']);
  if (chance.flip(0.2)) headers['content-md5'] = '1B2M2Y8AsgTpgAmY7PhCfg==';
  if (chance.flip(0.3)) headers['x-amz-acl'] = chance.pick(['private', 'public-read']);
  if (chance.flip(0.3)) headers[`x-amz-meta-${chance.pick(['b', 'a', 'long-name'])}`] = word(chance).trim();
  const covered: Record<string, string> = {};
  if (chance.flip(0.3)) covered[chance.pick(['acl', 'tagging', 'versions', 'uploads', 'torrent', 'website'])] = '';
  if (chance.flip(0.2)) covered.versionId = word(chance).trim() || 'v';
  if (chance.flip(0.2)) Object.assign(covered, { uploadId: 'u/+1', partNumber: '7' });
  if (chance.flip(0.2)) covered['response-content-disposition'] = `attachment; filename="${word(chance)}"`;
  return {
    user: chance.pick(users),
    method: chance.pick(['GET', 'PUT', 'HEAD', 'DELETE', 'POST']),
    bucket: chance.pick(['bucket', 'my.bucket', 'b-1']),
    key: chance.flip(0.15) ? '' : `k${word(chance)}`,
    virtual: chance.flip(0.5),
    presigned: chance.flip(0.6),
    headers,
    covered,
    open: chance.flip(0.3) ? { prefix: word(chance), 'max-keys': '5' } : {},
    date: new Date(madeMs + (chance.below(1700) - 850) * 1000).toUTCString(),
    expires: madeMs / 1000 + 1 + chance.below(604_800),
  };
}

function signPlan(plan: Plan, useAmzDate: boolean): Sent {
  const { headers, covered } = plan;
  const path = escapePath(plan.key === '' ? '/' : `/${plan.key}`);
  const amz: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (name.startsWith('x-amz-')) amz[name] = value;
  const asAmzDate = useAmzDate && !plan.presigned;
  if (asAmzDate) amz['x-amz-date'] = plan.date;
  const names = Object.keys(covered).sort();
  const text = [
    plan.method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    plan.presigned ? `${plan.expires}` : asAmzDate ? '' : plan.date,
    ...Object.keys(amz)
      .sort()
      .map((name) => `${name}:${amz[name]}`),
    `/${plan.bucket}${path}${names.length ? '?' : ''}${names.map((name) => (covered[name] ? `${name}=${covered[name]}` : name)).join('&')}`,
  ].join('\n');
  const signature = createHmac('sha1', plan.user.secretKey).update(text, 'utf8').digest('base64');
  const pairs = Object.entries({ ...plan.open, ...covered });
  if (plan.presigned) {
    pairs.push(['AWSAccessKeyId', plan.user.accessKey], ['Signature', signature], ['Expires', `${plan.expires}`]);
  }
  const query = pairs.map(([name, value]) => name + (value === '' ? '' : `=${encodeURIComponent(value)}`)).join('&');
  const sent: Record<string, string> = { host: plan.virtual ? `${plan.bucket}.s3.example.com` : 's3.example.com' };
  for (const [name, value] of Object.entries({ ...headers, ...amz })) {
    sent[name] = Buffer.from(value, 'utf8').toString('latin1');
  }
  if (!plan.presigned) {
    sent.authorization = `AWS ${plan.user.accessKey}:${signature}`;
    if (!asAmzDate) sent.date = plan.date;
  }
  const target = (plan.virtual ? path : `/${plan.bucket}${path}`) + (query ? `?${query}` : '');
  return { method: plan.method, target, headers: sent };
}

const mutations: Record<string, (plan: Plan, signed: Sent, chance: Chance) => Sent | undefined> = {
  method: (plan, signed) => ({ ...signed, method: plan.method === 'GET' ? 'PUT' : 'GET' }),
  signature: (_plan, signed, chance) => {
    // The last digit of 28 says only 4 bits and then `=`; one of the first 26 is always another signature.
    const at = chance.below(26);
    const flip = (text: string) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    const authorization = signed.headers.authorization?.replace(/[^:]*$/, flip);
    if (authorization) return { ...signed, headers: { ...signed.headers, authorization } };
    const target = signed.target.replace(/(Signature=)([^&]*)/, (_, name: string, value: string) => {
      return name + encodeURIComponent(flip(decodeURIComponent(value)));
    });
    return { ...signed, target };
  },
  key: (plan, signed) =>
    plan.key === '' ? undefined : { ...signed, target: signed.target.replace(/^([^?]*)/, '$1x') },
  bucket: (plan, signed) =>
    plan.virtual
      ? { ...signed, headers: { ...signed.headers, host: `x${signed.headers.host}` } }
      : { ...signed, target: signed.target.replace(/^\//, '/x') },
  'added subresource': ({ covered }, signed, chance) => {
    const added = ['acl', 'versionId=1', 'uploads', 'delete', 'response-expires=x', 'attributes', 'retention'].filter(
      (one) => !(one.split('=')[0]! in covered),
    );
    return { ...signed, target: `${signed.target}${signed.target.includes('?') ? '&' : '?'}${chance.pick(added)}` };
  },
  'dropped subresource': ({ covered }, signed, chance) => {
    const names = Object.keys(covered);
    if (names.length === 0) return undefined;
    const name = chance.pick(names);
    const [path, query] = signed.target.split('?') as [string, string];
    const rest = query.split('&').filter((one) => one.split('=')[0] !== name);
    return { ...signed, target: `${path}?${rest.join('&')}` };
  },
  'subresource value': ({ covered }, signed, chance) => {
    const names = Object.keys(covered);
    if (names.length === 0) return undefined;
    const name = chance.pick(names);
    return { ...signed, target: signed.target.replace(new RegExp(`([?&]${name})(=?)`), '$1=x') };
  },
  time: (plan, signed) =>
    plan.presigned
      ? { ...signed, target: signed.target.replace(/Expires=\d+/, `Expires=${plan.expires - 1 || 1}`) }
      : {
          ...signed,
          headers: {
            ...signed.headers,
            [signed.headers.date ? 'date' : 'x-amz-date']: new Date(Date.parse(plan.date) + 1000).toUTCString(),
          },
        },
  'access key': (plan, signed) => {
    const other = users.find((one) => one !== plan.user)!.accessKey;
    const { authorization } = signed.headers;
    return {
      ...signed,
      target: signed.target.replace(/AWSAccessKeyId=[^&]*/, `AWSAccessKeyId=${other}`),
      headers: {
        ...signed.headers,
        ...(authorization && { authorization: authorization.replace(/ [^:]*/, ` ${other}`) }),
      },
    };
  },
  'added header': (_plan, signed) => ({ ...signed, headers: { ...signed.headers, 'x-amz-tagging': 'a=b' } }),
  'header value': (plan, signed, chance) => {
    const names = Object.keys(plan.headers);
    if (names.length === 0) return undefined;
    const name = chance.pick(names);
    return { ...signed, headers: { ...signed.headers, [name]: `${signed.headers[name]}x` } };
  },
  'dropped header': (plan, signed, chance) => {
    const names = Object.keys(plan.headers);
    if (names.length === 0) return undefined;
    const { [chance.pick(names)]: _, ...headers } = signed.headers;
    return { ...signed, headers: headers as Sent['headers'] };
  },
};

test('2,500 requests of an independent signer verify; each of 2,500 with one field changed is refused', () => {
  const chance = createChance(2026);
  const names = Object.keys(mutations);
  const refused = new Map<string, number>();
  let mutants = 0;
  for (let run = 0; run < 2500 || mutants < 2500; run++) {
    const plan = planOf(chance);
    const signed = signPlan(plan, chance.flip(0.5));
    expect(
      codeOf(() => verify(signed, madeMs)),
      `run ${run}: ${JSON.stringify(signed)}`,
    ).toBe('accepted');
    const name = names[run % names.length]!;
    const mutant = mutations[name]!(plan, signed, chance);
    if (!mutant) continue;
    mutants++;
    const code = codeOf(() => verify(mutant, madeMs));
    expect(code, `run ${run}, ${name}: ${JSON.stringify(mutant)}`).toMatch(
      /^(SignatureDoesNotMatch|AccessDenied|RequestTimeTooSkewed)$/,
    );
    refused.set(name, (refused.get(name) ?? 0) + 1);
  }
  expect([...refused.keys()].sort()).toEqual([...names].sort());
  expect(Math.min(...refused.values())).toBeGreaterThan(50);
});
