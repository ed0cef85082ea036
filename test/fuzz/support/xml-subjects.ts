// The operations that read XML: for each a good document, what it must be answered, and how to see what stands after it.
import { createHash } from 'node:crypto';
import type { Chance } from '../../support/chance.ts';
import { codeOf, type Line } from './requests.ts';
import { type FuzzUser, other, owner } from './served.ts';
import { type Element, element } from './xml-twists.ts';

const user: FuzzUser = owner;
const MiB = 1024 * 1024;

/** One lane's own things, so that nobody else changes what it looks at. */
export interface Lane {
  readonly line: Line;
  readonly bucket: string;
  uploadId: string;
  etag: string;
}

export interface Good {
  readonly root: Element;
  /** Code of the error that even this document gets; absent: it is done. */
  readonly code?: string;
  /** What stands must hold all of these once it was done. */
  readonly shows?: readonly string[];
}

export interface Subject {
  readonly name: string;
  readonly method: 'PUT' | 'POST';
  readonly malformed: string;
  readonly bytesMax: number;
  /** Beside `malformed`, what documents that nobody can judge may be answered. */
  readonly codes: readonly string[];
  target(lane: Lane): string;
  good(chance: Chance, lane: Lane): Good;
  /** What stands now; changes only when a document was done. */
  look(lane: Lane): Promise<string>;
  /** After a document was done: makes ready for the next. */
  renew?(lane: Lane): Promise<void>;
}

/** Digest of the body, which DeleteObjects insists on. */
export const md5 = (body: Buffer): string => createHash('md5').update(body).digest('base64');

const get = async ({ line }: Lane, target: string): Promise<string> => {
  const answer = await line.ask({ target, user });
  return answer.status === 200 ? answer.body : `${answer.status} ${codeOf(answer)}`;
};

const letters = [...'abcXYZ019 _.:/=+-@éλ日'];
const word = (chance: Chance): string =>
  `t${Array.from({ length: chance.below(12) }, () => chance.pick(letters)).join('')}t`;

function tagging(name: string, target: (lane: Lane) => string, most: number): Subject {
  return {
    name,
    method: 'PUT',
    malformed: 'MalformedXML',
    bytesMax: 1 * MiB,
    codes: ['InvalidTag', 'BadRequest', 'MissingRequestBodyError'],
    target,
    good(chance) {
      const keys = [...new Set(Array.from({ length: chance.below(most + 1) }, () => word(chance)))];
      const tags = keys.map((key) => element('Tag', [element('Key', key), element('Value', word(chance))]));
      return {
        root: element('Tagging', [element('TagSet', tags)]),
        shows: tags.length === 0 ? [] : keys.map((key) => `<Key>${key}</Key>`),
      };
    },
    look: (lane) => get(lane, target(lane)),
  };
}

function acl(name: string, target: (lane: Lane) => string): Subject {
  const xsi = 'http://www.w3.org/2001/XMLSchema-instance';
  return {
    name,
    method: 'PUT',
    malformed: 'MalformedACLError',
    bytesMax: 1 * MiB,
    codes: [
      'AccessDenied',
      'InvalidArgument',
      'UnresolvableGrantByEmailAddress',
      'MissingSecurityHeader',
      'MalformedXML',
    ],
    target,
    good(chance) {
      const permission = chance.pick(['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP', 'FULL_CONTROL']);
      const grantee = element('Grantee', [element('ID', other.canonicalId)], {
        'xmlns:xsi': xsi,
        'xsi:type': 'CanonicalUser',
      });
      const grants = chance.flip(0.2) ? [] : [element('Grant', [grantee, element('Permission', permission)])];
      return {
        root: element('AccessControlPolicy', [
          element('Owner', [element('ID', owner.canonicalId)]),
          element('AccessControlList', grants),
        ]),
        shows: grants.length === 0 ? [] : [other.canonicalId, `<Permission>${permission}</Permission>`],
      };
    },
    look: (lane) => get(lane, target(lane)),
  };
}

const doomed = (lane: Lane, key: string): string => `/${lane.bucket}/doomed/${key}`;
const doomedKeys = ['a', 'b & c', 'd日'];
const putDoomed = async (lane: Lane): Promise<void> => {
  for (const key of doomedKeys) {
    await lane.line.must(200, { method: 'PUT', target: doomed(lane, encodeURIComponent(key)), body: key, user });
  }
};

export const openUpload = async (lane: Lane): Promise<void> => {
  const target = `/${lane.bucket}/joined`;
  const opened = await lane.line.must(200, { method: 'POST', target: `${target}?uploads`, body: '', user });
  lane.uploadId = /<UploadId>([^<]+)</.exec(opened.body)![1]!;
  const part = {
    method: 'PUT',
    target: `${target}?partNumber=1&uploadId=${lane.uploadId}`,
    body: 'part',
    user,
  } as const;
  lane.etag = (await lane.line.must(200, part)).headers.etag!;
};

export async function openLane(line: Line, at: number): Promise<Lane> {
  const lane: Lane = { line, bucket: `xml-${at}`, uploadId: '', etag: '' };
  for (const bucket of [lane.bucket, `${lane.bucket}-v`])
    await line.must(200, { method: 'PUT', target: `/${bucket}`, user });
  await line.must(200, { method: 'PUT', target: `/${lane.bucket}/kept`, body: 'kept', user });
  await putDoomed(lane);
  await openUpload(lane);
  return lane;
}

export const subjects: readonly Subject[] = [
  tagging('object tagging', ({ bucket }) => `/${bucket}/kept?tagging`, 10),
  tagging('bucket tagging', ({ bucket }) => `/${bucket}?tagging`, 12),
  acl('bucket ACL', ({ bucket }) => `/${bucket}?acl`),
  acl('object ACL', ({ bucket }) => `/${bucket}/kept?acl`),
  {
    name: 'versioning',
    method: 'PUT',
    malformed: 'MalformedXML',
    bytesMax: 1 * MiB,
    codes: ['IllegalVersioningConfigurationException', 'MissingRequestBodyError', 'NotImplemented'],
    target: ({ bucket }) => `/${bucket}-v?versioning`,
    good(chance) {
      const status = chance.pick(['Enabled', 'Suspended']);
      return {
        root: element('VersioningConfiguration', [element('Status', status)]),
        shows: [`<Status>${status}</Status>`],
      };
    },
    look: (lane) => get(lane, `/${lane.bucket}-v?versioning`),
  },
  {
    name: 'delete',
    method: 'POST',
    malformed: 'MalformedXML',
    bytesMax: 4 * MiB,
    codes: ['MissingRequestBodyError', 'InvalidArgument', 'NotImplemented'],
    target: ({ bucket }) => `/${bucket}?delete`,
    good(chance) {
      const keys = doomedKeys.filter(() => chance.flip(0.6)).concat('missing');
      const listed = keys.map((key) => element('Object', [element('Key', `doomed/${key}`)]));
      return { root: element('Delete', [element('Quiet', chance.pick(['true', 'false'])), ...listed]) };
    },
    look: (lane) => get(lane, `/${lane.bucket}?list-type=2&prefix=doomed%2F`),
    renew: putDoomed,
  },
  {
    name: 'complete',
    method: 'POST',
    malformed: 'MalformedXML',
    bytesMax: 2 * MiB,
    codes: ['InvalidPart', 'InvalidPartOrder', 'InvalidArgument', 'MissingRequestBodyError', 'InvalidRequest'],
    target: ({ bucket, uploadId }) => `/${bucket}/joined?uploadId=${uploadId}`,
    good(chance, lane) {
      const isRight = chance.flip(0.3);
      const etag = isRight ? lane.etag : '"00000000000000000000000000000000"';
      const part = element('Part', [element('PartNumber', '1'), element('ETag', etag)]);
      return { root: element('CompleteMultipartUpload', [part]), ...(isRight ? {} : { code: 'InvalidPart' }) };
    },
    look: (lane) => get(lane, `/${lane.bucket}/joined?uploadId=${lane.uploadId}`),
    renew: openUpload,
  },
  {
    name: 'create bucket',
    method: 'PUT',
    malformed: 'MalformedXML',
    bytesMax: 1 * MiB,
    codes: [
      'InvalidLocationConstraint',
      'IllegalLocationConstraintException',
      'NotImplemented',
      'InvalidTag',
      'InvalidArgument',
    ],
    target: ({ bucket }) => `/${bucket}-new`,
    good: (chance) => ({
      root: element('CreateBucketConfiguration', chance.flip(0.5) ? [] : [element('LocationConstraint', 'us-east-1')]),
    }),
    look: (lane) => get(lane, `/${lane.bucket}-new?location`),
    renew: async (lane) => void (await lane.line.must(204, { method: 'DELETE', target: `/${lane.bucket}-new`, user })),
  },
];
