// A bucket: its owner, its switches. Objects live under its id, never under its name.
import type { Acl } from './acl.ts';
import type { BucketId } from './ids.ts';

export type Versioning = 'unversioned' | 'enabled' | 'suspended';

export type Tag = readonly [key: string, value: string];

export interface Bucket {
  readonly id: BucketId;
  readonly name: string;
  readonly createdMs: number;
  readonly state: 'active' | 'deleting';
  readonly acl: Acl; // acl.owner owns the bucket
  readonly versioning: Versioning;
  readonly tags: readonly Tag[];
  /** Canned ACL or grants it was created with: re-creating with another is refused under profile rgw. */
  readonly region: string;
}
