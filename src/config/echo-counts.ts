// How many echoes the blocks of some keys have, as an operator writes it: a list below `echo`, one rule per bucket or beginning of keys.
import { z } from 'zod';
import { bucketKind, prefixKind } from './declared-kinds.ts';
import { integer, type Kind } from './kinds.ts';

export interface EchoCountRule {
  readonly bucket: string;
  readonly prefix?: string;
  readonly count: number;
}

const rule = z.strictObject({
  bucket: bucketKind,
  prefix: prefixKind.optional(),
  count: integer(0, 4),
});

/** A list of objects and no single value, so that a mistake names the key inside. */
export const echoCounts = z
  .array(rule, { error: 'must be a list of rules such as { bucket: shop, prefix: images/, count: 4 }' })
  .describe('a list of rules: bucket, prefix (if not all of it), count 0–4') as unknown as Kind<
  readonly EchoCountRule[]
>;
