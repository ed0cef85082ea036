// Everything that clients can see of some buckets, as one short digest per aspect, so that two states of a server can be compared
// without holding either.
import { createHash } from 'node:crypto';
import type { Pair } from '../../../src/base/sigv4.ts';
import { inLanes, type Send, sendRight } from './requests.ts';
import { type Answer, textsOf } from './wire.ts';

/** What was asked → digest of the answer. */
export type Portrait = ReadonlyMap<string, string>;

const lanes = 32;
/** Different in every answer. */
const passing = new Set(['date', 'x-amz-request-id', 'x-amz-id-2', 'connection', 'keep-alive']);

function digestOf({ status, headers, body }: Answer): string {
  const kept = Object.entries(headers).filter(([name]) => !passing.has(name));
  const told = JSON.stringify([status, kept.sort(([a], [b]) => (a < b ? -1 : 1))]);
  return createHash('sha1').update(told).update(body).digest('base64').slice(0, 16);
}

export async function portrait(send: Send, buckets: readonly string[], say: (line: string) => void): Promise<Portrait> {
  const seen = new Map<string, string>();
  const look = async (what: string, path: string, query: readonly Pair[] = []): Promise<Answer> => {
    const answer = await send({ method: 'GET', path, query });
    seen.set(what, digestOf(answer));
    return answer;
  };
  let saidMs = Date.now();
  for (const bucket of buckets) {
    for (const aspect of ['acl', 'versioning', 'tagging', 'uploads', 'location'])
      await look(`${bucket} ?${aspect}`, `/${bucket}`, [[aspect, '']]);
    const versions = await all(versionsOf(send, bucket, seen));
    // All there is of a marker stands in the listing.
    const objects = versions.filter(({ isMarker }) => !isMarker);
    await inLanes(objects, lanes, async ({ key, versionId }) => {
      const path = `/${bucket}/${key}`;
      const name = `${path} ${versionId}`;
      await look(name, path, [['versionId', versionId]]);
      await look(`${name} ?acl`, path, [
        ['acl', ''],
        ['versionId', versionId],
      ]);
      await look(`${name} ?tagging`, path, [
        ['tagging', ''],
        ['versionId', versionId],
      ]);
      if (Date.now() - saidMs > 10_000) {
        saidMs = Date.now();
        say(`${seen.size} answers looked at`);
      }
    });
    const { body } = await sendRight(send, { method: 'GET', path: `/${bucket}`, query: [['uploads', '']] });
    for (const [at, key] of textsOf(body, 'Key').entries()) {
      const uploadId = textsOf(body, 'UploadId')[at]!;
      await look(`/${bucket}/${key} upload ${uploadId}`, `/${bucket}/${key}`, [['uploadId', uploadId]]);
    }
  }
  return seen;
}

interface Listed {
  readonly key: string;
  readonly versionId: string;
  readonly isMarker: boolean;
}

/** The pages of both listings are part of the portrait: order, owners, times, sizes, ETags. */
async function* versionsOf(send: Send, bucket: string, seen: Map<string, string>): AsyncGenerator<Listed> {
  for (let token: readonly Pair[] = [], page = 1; ; page++) {
    const query: Pair[] = [['list-type', '2'], ['fetch-owner', 'true'], ...token];
    const answer = await sendRight(send, { method: 'GET', path: `/${bucket}`, query });
    seen.set(`${bucket} page ${page}`, digestOf(answer));
    const [next] = textsOf(answer.body, 'NextContinuationToken');
    if (next === undefined) break;
    token = [['continuation-token', next]];
  }
  for (let marker: readonly Pair[] = [], page = 1; ; page++) {
    const query: Pair[] = [['versions', ''], ...marker];
    const answer = await sendRight(send, { method: 'GET', path: `/${bucket}`, query });
    seen.set(`${bucket} versions page ${page}`, digestOf(answer));
    for (const [, tag, inside] of answer.body.toString().matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
      const bytes = Buffer.from(inside!);
      yield {
        key: textsOf(bytes, 'Key')[0]!,
        versionId: textsOf(bytes, 'VersionId')[0]!,
        isMarker: tag === 'DeleteMarker',
      };
    }
    const [keyMarker] = textsOf(answer.body, 'NextKeyMarker');
    const [versionMarker] = textsOf(answer.body, 'NextVersionIdMarker');
    if (keyMarker === undefined) return;
    marker = [
      ['key-marker', keyMarker],
      ['version-id-marker', versionMarker ?? ''],
    ];
  }
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** What differs, a sentence each. */
export function differences(before: Portrait, after: Portrait): string[] {
  const found: string[] = [];
  for (const [what, digest] of before) {
    const now = after.get(what);
    if (now !== digest) found.push(now === undefined ? `${what} is gone` : `${what} has changed`);
  }
  for (const what of after.keys()) if (!before.has(what)) found.push(`${what} is new`);
  return found;
}
