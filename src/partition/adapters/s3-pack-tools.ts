// What the readers and writers of one S3 partition's packs share.
import type { PackId } from '../../model/ids.ts';
import type { S3Connection } from './s3-connection.ts';
import type { S3Settings } from './s3-options.ts';

export interface S3PackTools {
  readonly connection: S3Connection;
  readonly settings: S3Settings;
  /** Throws on what is not a pack id. */
  readonly keyOf: (pack: PackId) => string;
}
