// What no single key of a pool can show: places that two partitions would share, ids that are taken, a pool that could make but one partition.
import { resolve } from 'node:path';
import type { Report } from './partitions.ts';
import { filledIn, memberId } from './pools.ts';

type Item = Readonly<Record<string, unknown>>;

export function checkPools(pools: readonly Item[], partitions: readonly Item[], base: string, report: Report): void {
  const placeOf = ({ directory, s3 }: Item): string | undefined => {
    if (typeof directory === 'string') return resolve(base, directory);
    const { endpoint, bucket, prefix = '' } = (s3 ?? {}) as Item;
    return typeof endpoint === 'string' && typeof bucket === 'string'
      ? `${endpoint.replace(/\/+$/, '')}/${bucket}/${prefix}`
      : undefined;
  };
  const ids = new Map(partitions.map(({ id }, at) => [String(id), `partitions[${at}]`]));
  const places = new Map(partitions.map((each, at) => [placeOf(each), `partitions[${at}]`]));
  pools.forEach((pool, at) => {
    const key = `pools[${at}]`;
    const { name, directory, s3, max = 1 } = pool;
    if (directory !== undefined && s3 !== undefined)
      report(`${key}.s3`, 'stands beside directory; it is one or the other');
    if (directory === undefined && s3 === undefined) report(key, 'needs a directory or an s3 bucket');
    if (typeof directory === 'string' && !/\{(n|id)\}/.test(directory)) {
      report(`${key}.directory`, 'must have {n} or {id} in it: each partition needs a directory of its own');
      return;
    }
    if (typeof name !== 'string' || !Number.isInteger(Number(max))) return;
    const place = placeOf(pool);
    for (let n = 1; n <= Math.min(Number(max), 100); n++) {
      const id = memberId(name, n);
      const holder = ids.get(id);
      if (holder !== undefined) report(`${key}.name`, `would make a partition ${id}, which ${holder} is already`);
      ids.set(id, key);
      const filled = place === undefined ? undefined : filledIn(place, name, n);
      const there = filled === undefined ? undefined : places.get(filled);
      if (there !== undefined && there !== key)
        report(`${key}.${directory === undefined ? 's3' : 'directory'}`, `would make ${id} where ${there} is already`);
      places.set(filled, key);
    }
  });
}

/** Domains of the partitions that pools can make. */
export function poolDomains(pools: readonly Item[]): string[] {
  return pools.flatMap(({ name, s3, capacityDomain = s3 === undefined ? 'disk0' : '{id}', max = 1 }) =>
    Array.from({ length: Math.min(Number(max) || 1, 100) }, (_, at) =>
      filledIn(String(capacityDomain), String(name), at + 1),
    ),
  );
}
