// How many echoes the blocks of a key should have by rule: asked by every read that finds its partition in trouble, so the rules are put in order
// once, and an answer is looked up and not made.

export interface CountRule {
  readonly bucket: string;
  /** Absent: all keys of the bucket. */
  readonly prefix?: string;
  readonly count: number;
}

export interface Wanted {
  readonly count: number;
  /** Absent: no rule says anything of this key, and the default counts. */
  readonly rule?: CountRule;
}

/** `bucket`: its name; undefined: nobody knows whose key it is. */
export type WantedOf = (bucket: string | undefined, key: string) => Wanted;

/** The least that any rule of a bucket says: for whoever does not know the key. */
export function leastOf(rules: readonly CountRule[]): ReadonlyMap<string, number> {
  const least = new Map<string, number>();
  for (const { bucket, count } of rules) least.set(bucket, Math.min(count, least.get(bucket) ?? count));
  return least;
}

/** The longest prefix wins; `count` where no rule is meant. */
export function countRules(rules: readonly CountRule[], count: number): WantedOf {
  const byDefault: Wanted = { count };
  const ofBucket = new Map<string, readonly Wanted[]>();
  for (const rule of [...rules].sort((a, b) => lengthOf(b) - lengthOf(a))) {
    ofBucket.set(rule.bucket, [...(ofBucket.get(rule.bucket) ?? []), { count: rule.count, rule }]);
  }
  return (bucket, key) => {
    const own = bucket === undefined ? undefined : ofBucket.get(bucket);
    return own?.find(({ rule }) => key.startsWith(rule?.prefix ?? '')) ?? byDefault;
  };
}

const lengthOf = ({ prefix = '' }: CountRule): number => prefix.length;
