// Which digests of a body are computed, which must hold, and which are kept with the object.
import { type ChecksumName, Fault } from '../base/fault.ts';
import type { Digests } from '../objects/upload-body.ts';
import type { ChunkDecoder } from './aws-chunked.ts';
import { checksumValue, type DeclaredDigests } from './declared-digests.ts';
import type { Payload } from './payload.ts';

interface Wanted {
  readonly payload: Payload;
  readonly profile?: 'aws' | 'rgw';
  /** Computed beside what is declared, so that they can be stored. */
  readonly algorithms?: readonly ChecksumName[];
}

export const algorithmsOf = ({ payload, algorithms }: Wanted, declared: DeclaredDigests): ChecksumName[] => {
  const wanted = [...(algorithms ?? [])];
  if (declared.checksum) wanted.push(declared.checksum.algorithm);
  if (declared.trailer) wanted.push(declared.trailer.algorithm);
  if (payload.kind === 'sha256') wanted.push('SHA256');
  return wanted;
};

/** SHA-256 that was computed for x-amz-content-sha256 alone is no checksum of the object. */
export function wantedChecksums(
  computed: Digests,
  declared: DeclaredDigests,
  { algorithms }: Wanted,
): Digests['checksums'] {
  const wanted = new Set<ChecksumName>(algorithms);
  if (declared.checksum) wanted.add(declared.checksum.algorithm);
  if (declared.trailer) wanted.add(declared.trailer.algorithm);
  return new Map([...computed.checksums].filter(([algorithm]) => wanted.has(algorithm)));
}

export function checkDigests(
  computed: Digests,
  { md5, checksum, trailer }: DeclaredDigests,
  { payload, profile = 'aws' }: Wanted,
  decoder: ChunkDecoder | undefined,
): void {
  if (md5 && !md5.equals(computed.md5)) throw new Fault({ kind: 'digest-mismatch', digest: 'content-md5' });
  if (payload.kind === 'sha256') {
    const hex = Buffer.from(computed.checksums.get('SHA256')!, 'base64').toString('hex');
    if (hex !== payload.hex) throw new Fault({ kind: 'digest-mismatch', digest: 'x-amz-content-sha256' });
  }
  const given = trailer
    ? {
        algorithm: trailer.algorithm,
        value: checksumValue(decoder!.trailers.get(trailer.name)!, trailer.algorithm, trailer.name, profile),
      }
    : checksum;
  if (given && computed.checksums.get(given.algorithm) !== given.value) {
    throw new Fault({ kind: 'digest-mismatch', digest: given.algorithm });
  }
}
