import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aclOutput, newBucketAcl, newObjectAcl, replacedAcl } from '../../../src/gateway/acl.ts';
import { isS3Error } from '../../../src/gateway/errors.ts';
import { compileProtocol } from '../../../src/gateway/protocol/protocol.ts';
import {
  type Acl,
  allows,
  cannedAcl,
  cannedAcls,
  execReaderId,
  groups,
  type Permission,
  privateAcl,
} from '../../../src/model/acl.ts';
import type { Identity } from '../../../src/model/identity.ts';
import { directory, users } from './signing.ts';

const [main, alt, third] = users.map(({ user }) => user) as [
  (typeof users)[0]['user'],
  (typeof users)[0]['user'],
  (typeof users)[0]['user'],
];
const as = (user: typeof main): { identity: Identity; users: typeof directory } => ({
  identity: { kind: 'user', user },
  users: directory,
});
const mains = privateAcl(main.canonicalId);

/** `READ all, FULL_CONTROL main` */
const shown = (acl: Acl): string =>
  acl.grants
    .map(({ grantee, permission }) => {
      if (grantee.kind === 'group') return `${permission} ${grantee.uri.replace(/.*\//, '')}`;
      return `${permission} ${directory.byCanonicalId(grantee.id)?.name ?? grantee.id}`;
    })
    .join(', ');
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (isS3Error(error)) return error.code;
    throw error;
  }
};
const codeOfDocument = async (run: Promise<unknown>): Promise<string> => {
  const settled = await run.catch((error: unknown) => error);
  return codeOf(() => {
    if (settled instanceof Error) throw settled;
  });
};

test('canned ACLs of a bucket', () => {
  const of = (ACL: string) => shown(newBucketAcl({ ACL }, as(main)));
  expect(cannedAcls.map((name) => [name, of(name)])).toEqual([
    ['private', 'FULL_CONTROL main'],
    ['public-read', 'READ AllUsers, FULL_CONTROL main'],
    ['public-read-write', 'READ AllUsers, WRITE AllUsers, FULL_CONTROL main'],
    ['authenticated-read', 'READ AuthenticatedUsers, FULL_CONTROL main'],
    ['aws-exec-read', `READ ${execReaderId}, FULL_CONTROL main`],
    ['bucket-owner-read', 'FULL_CONTROL main'],
    ['bucket-owner-full-control', 'FULL_CONTROL main'],
    ['log-delivery-write', 'WRITE LogDelivery, READ_ACP LogDelivery, FULL_CONTROL main'],
  ]);
  expect(shown(newBucketAcl({}, as(main)))).toBe('FULL_CONTROL main');
  expect(codeOf(() => of('public-ready'))).toBe('InvalidArgument');
  expect(codeOf(() => of(''))).toBe('InvalidArgument');
});

test("canned ACLs of an object in somebody else's bucket", () => {
  const of = (ACL?: string) => newObjectAcl(ACL === undefined ? {} : { ACL }, as(alt), { acl: mains });
  expect(of().owner).toBe(alt.canonicalId);
  expect(shown(of())).toBe('FULL_CONTROL alt');
  expect(shown(of('bucket-owner-read'))).toBe('FULL_CONTROL alt, READ main');
  expect(shown(of('bucket-owner-full-control'))).toBe('FULL_CONTROL alt, FULL_CONTROL main');
  expect(codeOf(() => of('log-delivery-write'))).toBe('InvalidArgument');
});

test('grants in headers', () => {
  const of = (input: Record<string, string>) => shown(newBucketAcl(input, as(main)));
  const id = `id=${alt.canonicalId}`;
  expect(of({ GrantFullControl: id, GrantWriteACP: id, GrantReadACP: id, GrantWrite: id, GrantRead: id })).toBe(
    'READ alt, WRITE alt, READ_ACP alt, WRITE_ACP alt, FULL_CONTROL alt',
  );
  expect(of({ GrantRead: `id="${alt.canonicalId}", emailAddress="${third.email}" , uri="${groups.allUsers}"` })).toBe(
    `READ alt, READ ${third.name}, READ AllUsers`,
  );
  expect(of({ GrantRead: `emailaddress=${alt.email}` })).toBe('READ alt');
  for (const [bad, code] of [
    ['', 'InvalidArgument'],
    ['id', 'InvalidArgument'],
    ['id=', 'InvalidArgument'],
    ['id=nobody', 'InvalidArgument'],
    ['name=x', 'InvalidArgument'],
    [`id="${alt.canonicalId}`, 'InvalidArgument'],
    [`id="${alt.canonicalId}",`, 'InvalidArgument'],
    ['uri=http://acs.amazonaws.com/groups/global/Nobody', 'InvalidArgument'],
    ['emailAddress=nobody@example.com', 'UnresolvableGrantByEmailAddress'],
  ] as const) {
    expect(
      codeOf(() => of({ GrantRead: bad })),
      bad,
    ).toBe(code);
  }
  expect(codeOf(() => of({ ACL: 'private', GrantRead: id }))).toBe('InvalidRequest');
  const many = (count: number) => ({ GrantRead: Array(count).fill(`uri="${groups.allUsers}"`).join(',') });
  expect(codeOf(() => of(many(100)))).toBe('accepted');
  expect(codeOf(() => of(many(101)))).toBe('MalformedACLError');
});

const plan = (name: string) => {
  const { payload } = compileProtocol().codec(name, { malformed: 'MalformedACLError' });
  if (payload.kind === 'none' || payload.kind === 'stream') throw new Error('no XML payload');
  return payload;
};
const plans = { PutBucketAcl: plan('PutBucketAcl'), PutObjectAcl: plan('PutObjectAcl') };
const whose = { owner: main.canonicalId, bucketOwner: main.canonicalId };

/** The whole way of a document: XML, bound by the protocol, made into a list. */
async function fromXml(
  xml: string,
  to: keyof typeof plans = 'PutBucketAcl',
  headers: Record<string, string> = {},
): Promise<Acl> {
  const input: Record<string, unknown> = { ...headers };
  await plans[to].bind(Buffer.from(xml), input);
  return replacedAcl(input, as(main), whose);
}
const document = (grants: string, owner = main.canonicalId) =>
  `<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>${owner}</ID><DisplayName>x</DisplayName></Owner><AccessControlList>${grants}</AccessControlList></AccessControlPolicy>`;
const grant = (type: string, inside: string, permission = 'READ') =>
  `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}">${inside}</Grantee><Permission>${permission}</Permission></Grant>`;

test('documents: grants by id, group and e-mail; owner without a grant', async () => {
  expect(shown(await fromXml(document(grant('CanonicalUser', `<ID>${alt.canonicalId}</ID>`, 'WRITE_ACP'))))).toBe(
    'WRITE_ACP alt',
  );
  expect(shown(await fromXml(document(grant('Group', `<URI>${groups.authenticatedUsers}</URI>`))))).toBe(
    'READ AuthenticatedUsers',
  );
  expect(
    shown(await fromXml(document(grant('AmazonCustomerByEmail', `<EmailAddress>${alt.email}</EmailAddress>`)))),
  ).toBe('READ alt');
  const none = { owner: main.canonicalId, grants: [] };
  expect(await fromXml(document(''))).toEqual(none);
  expect(
    await fromXml(document('').replace('<AccessControlList></AccessControlList>', '<AccessControlList/>')),
  ).toEqual(none);
  expect(shown(await fromXml(document(grant('Group', `<URI>${groups.allUsers}</URI>`)), 'PutObjectAcl'))).toBe(
    'READ AllUsers',
  );
});

test('documents that are refused', async () => {
  const of = (grants: string, owner?: string) => codeOfDocument(fromXml(document(grants, owner)));
  expect(await of(grant('CanonicalUser', '<ID>_foo</ID>', 'FULL_CONTROL'))).toBe('InvalidArgument');
  expect(await of(grant('Group', '<URI>http://example.com/</URI>'))).toBe('InvalidArgument');
  expect(await of(grant('AmazonCustomerByEmail', '<EmailAddress>nobody@example.com</EmailAddress>'))).toBe(
    'UnresolvableGrantByEmailAddress',
  );
  expect(await of(grant('CanonicalUser', `<ID>${alt.canonicalId}</ID>`, 'EVERYTHING'))).toBe('MalformedACLError');
  expect(await of(grant('CanonicalUser', `<URI>${groups.allUsers}</URI>`))).toBe('MalformedACLError');
  expect(await of(grant('Dog', `<ID>${alt.canonicalId}</ID>`))).toBe('MalformedACLError');
  expect(await of('', alt.canonicalId)).toBe('AccessDenied');
  expect(await of('', '')).toBe('MalformedACLError');
  expect(await codeOfDocument(fromXml(document('').replace('<AccessControlList></AccessControlList>', '')))).toBe(
    'MalformedACLError',
  );
  expect(await codeOfDocument(fromXml('<AccessControlPolicy><AccessControlList/></AccessControlPolicy>'))).toBe(
    'MalformedACLError',
  );
  expect(await of(grant('Group', `<URI>${groups.allUsers}</URI>`).repeat(101))).toBe('MalformedACLError');
  expect(await codeOfDocument(fromXml(document(''), 'PutBucketAcl', { ACL: 'private' }))).toBe('UnexpectedContent');
  expect(codeOf(() => replacedAcl({}, as(main), whose))).toBe('MissingSecurityHeader');
  expect(codeOf(() => replacedAcl({ ACL: 'log-delivery-write', Key: 'k' }, as(main), whose))).toBe('InvalidArgument');
  expect(codeOf(() => replacedAcl({ ACL: 'log-delivery-write' }, as(main), whose))).toBe('accepted');
});

test('an owner whose user has left the configuration stays grantable', () => {
  const gone = { owner: 'gone', bucketOwner: main.canonicalId };
  const acl = cannedAcl('bucket-owner-full-control', 'gone', main.canonicalId);
  const again = replacedAcl({ Key: 'k', AccessControlPolicy: aclOutput(acl, directory) }, as(main), gone);
  expect(again).toEqual(acl);
});

const anyGrant = fc.record({
  grantee: fc.oneof(
    fc.constantFrom(...users).map(({ user }) => ({ kind: 'user' as const, id: user.canonicalId })),
    fc.constantFrom(...Object.values(groups)).map((uri) => ({ kind: 'group' as const, uri })),
  ),
  permission: fc.constantFrom<Permission>('FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'),
});

test('what was answered is taken back unchanged', () => {
  fc.assert(
    fc.property(fc.array(anyGrant, { maxLength: 8 }), (grants) => {
      const acl = { owner: main.canonicalId, grants };
      expect(replacedAcl({ AccessControlPolicy: aclOutput(acl, directory) }, as(main), whose)).toEqual(acl);
    }),
  );
});

test('a grant allows what it says to whom it names, and nothing else', () => {
  const permissions = ['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'] as const;
  const askers = {
    main: { id: main.canonicalId },
    alt: { id: alt.canonicalId },
    third: { id: third.canonicalId },
    nobody: {},
  };
  const allowed = (acl: Acl) =>
    Object.fromEntries(
      Object.entries(askers).map(([name, asker]) => [
        name,
        permissions.filter((one) => allows(acl, asker, one)).join(' '),
      ]),
    );
  const all = permissions.join(' ');
  const list = (...grants: Acl['grants']): Acl => ({ owner: main.canonicalId, grants });
  const to = (id: string, permission: Permission) => ({ grantee: { kind: 'user' as const, id }, permission });
  const toGroup = (uri: string, permission: Permission) => ({ grantee: { kind: 'group' as const, uri }, permission });
  expect(allowed(list())).toEqual({ main: all, alt: '', third: '', nobody: '' });
  expect(allowed(list(to(alt.canonicalId, 'FULL_CONTROL')))).toEqual({ main: all, alt: all, third: '', nobody: '' });
  for (const one of permissions) {
    expect(allowed(list(to(alt.canonicalId, one)))).toEqual({ main: all, alt: one, third: '', nobody: '' });
    expect(allowed(list(toGroup(groups.allUsers, one)))).toEqual({ main: all, alt: one, third: one, nobody: one });
    expect(allowed(list(toGroup(groups.authenticatedUsers, one)))).toEqual({
      main: all,
      alt: one,
      third: one,
      nobody: '',
    });
    expect(allowed(list(toGroup(groups.logDelivery, one)))).toEqual({ main: all, alt: '', third: '', nobody: '' });
  }
});
