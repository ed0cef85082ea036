// Every version that was acknowledged is listed once, newest first in the order of acknowledgement; and each comes to light again
// when those above it are removed.
import { sequenceOf } from '../../../src/objects/version-ids.ts';
import { Connection, headerOf } from './connection.ts';
import type { Signer } from './presigned.ts';
import type { Register } from './registers.ts';

export interface ListedVersion {
  readonly versionId: string;
  readonly isMarker: boolean;
  readonly isLatest: boolean;
}

export interface VersionTools {
  readonly port: number;
  readonly signer: Signer;
}

export async function checkVersions(
  tools: VersionTools,
  registers: readonly Register[],
): Promise<{ versions: number; uncovered: number; broken: string[] }> {
  const connection = await Connection.open(tools.port);
  const broken: string[] = [];
  let versions = 0;
  let uncovered = 0;
  for (const register of registers) {
    const listed = await listVersions(tools, connection, register.bucket, register.key);
    versions += listed.length;
    const name = `${register.bucket}/${register.key}`;
    broken.push(...faultsOf(register, listed).map((fault) => `${name}: ${fault}`));
    const wrong = await uncover(tools, connection, register, newestFirst(listed).slice(0, 4));
    uncovered += Math.max(0, Math.min(4, listed.length) - 1);
    if (wrong !== undefined) broken.push(`${name}: ${wrong}`);
  }
  connection.close();
  return { versions, uncovered, broken };
}

function faultsOf({ versionIds, lostEver }: Register, listed: readonly ListedVersion[]): string[] {
  const faults: string[] = [];
  const ids = new Set(listed.map(({ versionId }) => versionId));
  const missing = [...versionIds].filter((id) => !ids.has(id));
  if (missing.length > 0) faults.push(`${missing.length} of ${versionIds.size} acknowledged versions are not listed`);
  if (ids.size !== listed.length) faults.push('a version is listed twice');
  // Changes whose answers were lost made versions too; whoever hung up counts among them.
  const unknown = [...ids].filter((id) => !versionIds.has(id)).length;
  if (unknown > lostEver) faults.push(`${unknown} listed versions are of nobody`);
  for (const isMarker of [false, true]) {
    const sequences = listed.filter((one) => one.isMarker === isMarker).map(({ versionId }) => sequenceOf(versionId));
    if (sequences.some((sequence, at) => at > 0 && sequence >= sequences[at - 1]!))
      faults.push('not listed newest first');
  }
  if (newestFirst(listed).some(({ isLatest }, at) => isLatest !== (at === 0)))
    faults.push('another one than the newest is the latest');
  return faults;
}

/** Markers are listed apart. */
const newestFirst = (listed: readonly ListedVersion[]): ListedVersion[] =>
  [...listed].sort((a, b) => sequenceOf(b.versionId) - sequenceOf(a.versionId));

/** Removes the newest ones one by one; what is told to be current must be the next in the list. */
async function uncover(
  { signer }: VersionTools,
  connection: Connection,
  { bucket, key }: Register,
  newest: readonly ListedVersion[],
): Promise<string | undefined> {
  for (const [at, { versionId }] of newest.slice(0, -1).entries()) {
    const asked = { method: 'DELETE', bucket, key, query: [['versionId', versionId]] } as const;
    const removed = await connection.request({ method: 'DELETE', target: signer.target(asked, false) });
    if (removed?.status !== 204) return `the removal of a version was answered ${removed?.status}`;
    const next = newest[at + 1]!;
    const found = await connection.request({ method: 'HEAD', target: signer.target({ method: 'HEAD', bucket, key }) });
    const shown = found && headerOf(found.head, 'x-amz-version-id');
    if (found?.status !== (next.isMarker ? 404 : 200) || shown !== next.versionId)
      return `below a removed version came ${found?.status} ${shown}, not ${next.versionId}`;
  }
  return undefined;
}

export async function listVersions(
  { signer }: VersionTools,
  connection: Connection,
  bucket: string,
  key: string,
): Promise<ListedVersion[]> {
  const listed: ListedVersion[] = [];
  for (let markers: [string, string][] = []; ; ) {
    const query = [['prefix', key], ['versions', ''], ...markers] as [string, string][]; // biome-ignore format: pairs
    const target = signer.target({ method: 'GET', bucket, query }, false);
    const answer = await connection.request({ method: 'GET', target });
    if (answer?.status !== 200) throw new Error(`the versions of ${key} were answered ${answer?.status}`);
    const text = answer.body.toString();
    for (const [, kind, inside] of text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
      if (textIn(inside!, 'Key') !== key) continue;
      listed.push({
        versionId: textIn(inside!, 'VersionId')!,
        isMarker: kind === 'DeleteMarker',
        isLatest: textIn(inside!, 'IsLatest') === 'true',
      });
    }
    if (textIn(text, 'IsTruncated') !== 'true') return listed;
    markers = [
      ['key-marker', textIn(text, 'NextKeyMarker')!],
      ['version-id-marker', textIn(text, 'NextVersionIdMarker')!],
    ];
  }
}

const textIn = (xml: string, tag: string): string | undefined => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
