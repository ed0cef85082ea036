// What an operation asks permission for, and the checks of the parameters that name its target.
import { caps } from '../base/caps.ts';
import type { Selection } from '../objects/objects.ts';
import { s3Error } from './errors.ts';
import type { RequiredAction } from './operation.ts';

type Action = RequiredAction['action'];

export const onBucket =
  (action: Action) =>
  (input: { Bucket: string }): RequiredAction[] => [{ action, bucket: input.Bucket }];

/** `versionAction` is asked for instead when the request names a version. */
export const onObject =
  (action: Action, versionAction: Action = action) =>
  (input: { Bucket: string; Key: string; VersionId?: string | undefined }): RequiredAction[] => {
    const versionId = versionIdOf(input);
    const target = { bucket: input.Bucket, key: input.Key };
    return versionId === undefined ? [{ action, ...target }] : [{ action: versionAction, ...target, versionId }];
  };

export function versionIdOf(input: { VersionId?: string | undefined }): string | undefined {
  if (input.VersionId === '') {
    throw s3Error('InvalidArgument', {
      message: 'Version id cannot be the empty string',
      extra: { ArgumentName: 'versionId', ArgumentValue: '' },
    });
  }
  return input.VersionId;
}

/** A range or a part, never both. */
export function selectionOf(input: { Range?: string | undefined; PartNumber?: number | undefined }): Selection {
  if (input.PartNumber === undefined) return { rangeText: input.Range };
  if (input.Range !== undefined) {
    throw s3Error('InvalidRequest', { message: 'Cannot specify both Range header and partNumber query parameter' });
  }
  return { partNumber: checkPartNumber(input.PartNumber) };
}

export function checkPartNumber(partNumber: number): number {
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > caps.partNumberMax) {
    throw s3Error('InvalidArgument', {
      message: `Part number must be an integer between 1 and ${caps.partNumberMax}, inclusive`,
      extra: { ArgumentName: 'partNumber', ArgumentValue: String(partNumber) },
    });
  }
  return partNumber;
}
