// CopyObject: a new version that shares the source's bytes. Its ETag and parts stay; a checksum that the source does not have is
// computed by reading, before anything is decided.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import { type ChecksumName, Fault } from '../base/fault.ts';
import type { Change } from '../catalog/catalog.ts';
import type { Checksum, Version } from '../model/object.ts';
import { checkSourceConditions, checkWriteConditions, hasConditions } from './conditions.ts';
import { createDigester } from './digester.ts';
import { releaseManifests, shareManifest } from './drop.ts';
import { type Located, locateVersion, readHead } from './head.ts';
import { readLiveBucket } from './live-bucket.ts';
import type { CopyRequest, CopyResult } from './objects.ts';
import { type Placed, placeVersion, wallSec } from './place-version.ts';
import { refuseMissing, streamBytes } from './read-object.ts';
import { joinChanges, runStory, type Tools } from './story.ts';
import { resultOf, turnOf } from './write-object.ts';

/** How often a source may be replaced while its checksum is computed. */
const sourcesMax = 5;

export async function copyObject(tools: Tools, request: CopyRequest, signal: AbortSignal): Promise<CopyResult> {
  const endRead = tools.blocks.beginRead?.();
  try {
    let computed: Computed | undefined;
    for (let sources = 0; sources < sourcesMax; sources++) {
      const copied = await publishCopy(tools, request, computed, signal);
      if (!('unread' in copied)) {
        reached('copy: committed, not answered');
        return copied;
      }
      computed = await computeChecksum(tools, copied.unread, request.checksumAlgorithm!, signal);
      reached('copy: source read');
    }
    throw new Fault({ kind: 'overloaded', retryAfterMs: 1000, message: 'the copy source is being replaced' });
  } finally {
    endRead?.();
  }
}

async function findSource(tools: Tools, { source, sourceConditions, target, ...asked }: CopyRequest): Promise<Located> {
  const { bucket, key, versionId } = source;
  const found = await locateVersion(tools.catalog, bucket.id, key, versionId);
  const version = refuseMissing(found?.version, key, versionId);
  checkSourceConditions(sourceConditions, version);
  if (version.size > caps.copyBytesMax) {
    throw new Fault({ kind: 'copy-source-too-large', sizeMax: caps.copyBytesMax });
  }
  const onItself = bucket.id === target.bucket.id && key === target.key && found!.current;
  const restores = versionId !== undefined && bucket.versioning === 'enabled';
  const changes =
    asked.attributes !== undefined ||
    asked.checksumAlgorithm !== undefined ||
    asked.websiteRedirectLocation !== undefined;
  if (onItself && !changes && !restores) throw new Fault({ kind: 'copy-onto-itself' });
  return found!;
}

/** Of one source version; another one's bytes differ. */
interface Computed {
  readonly sequence: number;
  readonly checksums: readonly Checksum[];
}

async function computeChecksum(
  tools: Tools,
  version: Version,
  algorithm: ChecksumName,
  signal: AbortSignal,
): Promise<Computed> {
  const digester = await createDigester([algorithm]);
  for await (const chunk of streamBytes(tools, version, { start: 0, end: version.size }, signal)) {
    digester.update(chunk);
  }
  const value = digester.digests().checksums.get(algorithm)!;
  return { sequence: version.sequence, checksums: [{ algorithm, type: 'FULL_OBJECT', value }] };
}

/** The copy's checksums, or undefined when the wanted one is not known yet. */
function checksumsOfCopy(
  version: Version,
  wanted: ChecksumName | undefined,
  computed: Computed | undefined,
): readonly Checksum[] | undefined {
  if (wanted === undefined) return version.checksums;
  const known = version.checksums.filter(({ algorithm, type }) => algorithm === wanted && type === 'FULL_OBJECT');
  if (known.length > 0) return known;
  return computed?.sequence === version.sequence ? computed.checksums : undefined;
}

/** `unread`: this version must be read first for the checksum that was asked for. */
type Outcome = CopyResult | { readonly unread: Version };

function publishCopy(
  tools: Tools,
  request: CopyRequest,
  computed: Computed | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const { source, target, conditions } = request;
  const options = {
    turns: [turnOf(source.bucket, source.key), turnOf(target.bucket, target.key)],
    ...(hasConditions(conditions) && { conditionalKey: target.key }),
    signal,
  };
  return runStory<Outcome>(tools, options, async (waitedMs) => {
    const live = await readLiveBucket(tools.catalog, target.bucket, waitedMs);
    if (live === undefined) return undefined;
    const found = await findSource(tools, request);
    const checksums = checksumsOfCopy(found.version, request.checksumAlgorithm, computed);
    if (checksums === undefined) return { result: { unread: found.version } };
    const head = await readHead(tools.catalog, target.bucket.id, target.key);
    checkWriteConditions(conditions, target.key, head.live);
    const placed = await placeVersion(tools, live.bucket, target.key, head, {
      ...found.version,
      modifiedSec: wallSec(tools),
      // A redirect is of its object alone: it is never copied.
      attributes: {
        ...(request.attributes ?? found.version.attributes),
        websiteRedirectLocation: request.websiteRedirectLocation,
      },
      tags: request.tags ?? found.version.tags,
      acl: request.acl,
      checksums,
    });
    const checked = { checks: [live.check, found.check], writes: [] };
    const references = await shareAndRelease(tools, found.version, placed);
    const versioned = source.bucket.versioning !== 'unversioned';
    reached('copy: before the commit');
    return {
      change: joinChanges(checked, placed.change, references),
      result: {
        ...resultOf(live.bucket, placed),
        ...(versioned && { sourceVersionId: found.version.versionId }),
      },
    };
  });
}

/** Where the copy replaces a version with the same bytes, one holder goes and one comes. */
async function shareAndRelease(tools: Tools, { manifest }: Version, { replaced }: Placed): Promise<Change> {
  const same = replaced.find((held) => held.manifest !== undefined && held.manifest === manifest);
  const released = replaced.filter((held) => held !== same);
  return joinChanges(
    manifest === undefined || same !== undefined ? undefined : await shareManifest(tools.catalog, manifest),
    await releaseManifests(tools.catalog, released, tools.clock.wallMs()),
  );
}
