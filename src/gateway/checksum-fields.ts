// Checksums between the house (algorithm, type, value) and the model's one member per algorithm.
import type { ChecksumName } from '../base/fault.ts';
import type { Checksum, ChecksumType } from '../model/object.ts';
import { s3Error } from './errors.ts';

const members = {
  CRC32: 'ChecksumCRC32',
  CRC32C: 'ChecksumCRC32C',
  CRC64NVME: 'ChecksumCRC64NVME',
  SHA1: 'ChecksumSHA1',
  SHA256: 'ChecksumSHA256',
} as const satisfies Record<ChecksumName, string>;

const names = Object.keys(members) as readonly ChecksumName[];

type ChecksumMember = (typeof members)[ChecksumName];
export type ChecksumValues = { [M in ChecksumMember]?: string | undefined };
export type ChecksumFields = ChecksumValues & { ChecksumType?: ChecksumType };

/** Values alone: of parts and of part answers, which carry no type. */
export function checksumValues(checksums: readonly Checksum[]): ChecksumValues {
  const fields: ChecksumValues = {};
  for (const { algorithm, value } of checksums) fields[members[algorithm]] = value;
  return fields;
}

export function checksumFields(checksums: readonly Checksum[]): ChecksumFields {
  const first = checksums[0];
  return first === undefined ? {} : { ...checksumValues(checksums), ChecksumType: first.type };
}

/** What a listing says about an object's checksums. */
export const checksumKinds = (
  checksums: readonly Pick<Checksum, 'algorithm' | 'type'>[],
): { ChecksumAlgorithm?: ChecksumName[]; ChecksumType?: ChecksumType } => {
  const first = checksums[0];
  return first === undefined
    ? {}
    : { ChecksumAlgorithm: checksums.map(({ algorithm }) => algorithm), ChecksumType: first.type };
};

/** The checksums that a request names by value. */
export const namedChecksums = (input: ChecksumValues): { algorithm: ChecksumName; value: string }[] =>
  names.flatMap((algorithm) => {
    const value = input[members[algorithm]];
    return value === undefined ? [] : [{ algorithm, value }];
  });

/** A request may name one whole-object checksum at most. */
export function namedChecksum(input: ChecksumValues): { algorithm: ChecksumName; value: string } | undefined {
  const [first, ...more] = namedChecksums(input);
  if (more.length > 0) {
    throw s3Error('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  return first;
}

export function checksumName(value: string | undefined): ChecksumName | undefined {
  if (value === undefined) return undefined;
  const name = value.toUpperCase();
  const known = names.find((candidate) => candidate === name);
  if (known === undefined) {
    throw s3Error('InvalidRequest', {
      message: `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${names.join(', ')}]`,
      extra: { ArgumentName: 'x-amz-checksum-algorithm', ArgumentValue: value },
    });
  }
  return known;
}

const typesOf: Record<ChecksumName, readonly ChecksumType[]> = {
  CRC32: ['COMPOSITE', 'FULL_OBJECT'],
  CRC32C: ['COMPOSITE', 'FULL_OBJECT'],
  CRC64NVME: ['FULL_OBJECT'],
  SHA1: ['COMPOSITE'],
  SHA256: ['COMPOSITE'],
};

/** Algorithm and type of a new multipart upload; the type defaults to the first that the algorithm allows. */
export function uploadChecksum(input: { ChecksumAlgorithm?: string | undefined; ChecksumType?: string | undefined }): {
  checksumAlgorithm?: ChecksumName;
  checksumType?: ChecksumType;
} {
  const algorithm = checksumName(input.ChecksumAlgorithm);
  const type = checksumTypeName(input.ChecksumType);
  if (algorithm === undefined) {
    if (type === undefined) return {};
    throw s3Error('InvalidRequest', {
      message: 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    });
  }
  const allowed = typesOf[algorithm];
  if (type !== undefined && !allowed.includes(type)) {
    throw s3Error('InvalidRequest', {
      message: `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    });
  }
  return { checksumAlgorithm: algorithm, checksumType: type ?? allowed[0]! };
}

export function checksumTypeName(value: string | undefined): ChecksumType | undefined {
  const name = value?.toUpperCase();
  if (name === undefined || name === 'COMPOSITE' || name === 'FULL_OBJECT') return name;
  throw s3Error('InvalidRequest', {
    message: 'Value for x-amz-checksum-type header is invalid.',
    extra: { ArgumentName: 'x-amz-checksum-type', ArgumentValue: value! },
  });
}
