// How findings name rows, so that a person can go and look.
import { idOf, tag, textOf, versionKeyOf } from '../../catalog/keys.ts';

/** Of a `current` or `version` row. */
export function versionName(rowKey: Buffer): string {
  const bucket = idOf(rowKey);
  if (rowKey[0] !== tag.version) return `${JSON.stringify(textOf(rowKey, 1))} in bucket ${bucket}`;
  const { key, sequence } = versionKeyOf(rowKey);
  return `version ${sequence} of ${JSON.stringify(key)} in bucket ${bucket}`;
}

export const partName = (upload: string, partNumber: number): string => `part ${partNumber} of upload ${upload}`;
