// What no single key can show: two things with one name, one port, one directory; halves without their other half.
// Reads the raw tree, so that it speaks up even when single values are wrong too.
import { resolve } from 'node:path';
import { checkPools, poolDomains } from './check-pools.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Report } from './partitions.ts';

type Item = Readonly<Record<string, unknown>>;

const items = (tree: unknown, key: string): Item[] => {
  const found = (tree as Item | undefined)?.[key];
  return Array.isArray(found)
    ? found.map((each) => (typeof each === 'object' && each !== null ? (each as Item) : {}))
    : [];
};

export function crossCheck(tree: unknown, base: string, report: Report): void {
  const users = items(tree, 'users');
  unique(users, 'users', 'name', report);
  unique(users, 'users', 'accessKey', report);
  unique(users, 'users', 'canonicalId', report);
  unique(users, 'users', 'email', report);
  users.forEach((user, at) => {
    if (user.secretKey === undefined && user.secretKeyFile === undefined) {
      report(`users[${at}].secretKey`, 'is required (or secretKeyFile)');
    }
    if (user.secretKey !== undefined && user.secretKeyFile !== undefined) {
      report(`users[${at}].secretKeyFile`, 'stands beside secretKey; keep one of the two');
    }
  });

  const partitions = items(tree, 'partitions');
  unique(partitions, 'partitions', 'id', report);
  unique(partitions, 'partitions', 'directory', report, (value) => resolve(base, value));
  const buckets = partitions.map((each): Item => {
    const s3 = each.s3 as Item | undefined;
    if (typeof s3?.endpoint !== 'string' || typeof s3.bucket !== 'string') return {};
    return { s3: `${s3.endpoint.replace(/\/+$/, '')}/${s3.bucket}/${s3.prefix ?? ''}` };
  });
  unique(buckets, 'partitions', 's3', report);

  partitions.forEach((partition, at) => {
    const key = `partitions[${at}]`;
    if (partition.directory !== undefined && partition.s3 !== undefined) {
      report(`${key}.s3`, 'stands beside directory; a partition is one or the other');
    }
    if (partition.directory === undefined && partition.s3 === undefined) {
      report(key, 'needs a directory or an s3 bucket');
    }
  });
  checkReplicas(partitions, report);
  const pools = items(tree, 'pools');
  unique(pools, 'pools', 'name', report);
  checkPools(pools, partitions, base, report);
  if (Array.isArray((tree as Item | undefined)?.partitions) && partitions.length === 0) {
    report('partitions', 'is empty; name at least one, or leave the key out for four directories under data');
  }

  for (const list of ['jobs', 'hints', 'calendars']) unique(items(tree, list), list, 'name', report);
  checkEchoCounts(items((tree as Item | undefined)?.echo, 'counts'), report);
  checkDomains(
    items(tree, 'capacityDomains'),
    (tree as Item | undefined)?.partitions === undefined ? [{}] : partitions,
    poolDomains(pools),
    report,
  );
}

/** A replica is of a partition, takes nothing, and is there before echogate is. */
function checkReplicas(partitions: readonly Item[], report: Report): void {
  const own = partitions.filter(({ replicaOf }) => replicaOf === undefined).map(({ id }) => String(id));
  if (partitions.length > 0 && own.length === 0) {
    report('partitions', 'has replicas alone; name what they are copies of');
  }
  partitions.forEach(({ id, replicaOf, duty, capacity, s3 }, at) => {
    if (typeof replicaOf !== 'string') return;
    const key = `partitions[${at}]`;
    if (!own.includes(replicaOf)) {
      const isReplica = replicaOf === id || partitions.some((each) => each.id === replicaOf);
      const near = didYouMean(replicaOf, own);
      const why = isReplica
        ? 'is a replica itself'
        : `is no partition${near === undefined ? '' : `; did you mean ${near}?`}`;
      report(`${key}.replicaOf`, `"${replicaOf}" ${why}`);
    }
    if (duty !== undefined) report(`${key}.duty`, 'stands beside replicaOf; nothing is ever written to a replica');
    if (capacity !== undefined)
      report(`${key}.capacity`, 'stands beside replicaOf; nothing is ever written to a replica');
    if ((s3 as Item | undefined)?.createBucket === true) {
      report(`${key}.s3.createBucket`, 'stands beside replicaOf; its backend makes and fills the bucket of a replica');
    }
  });
}

/** Two rules for the same keys: nobody could say which one counts. */
function checkEchoCounts(rules: readonly Item[], report: Report): void {
  const seen = new Map<string, number>();
  rules.forEach(({ bucket, prefix = '' }, at) => {
    if (bucket === undefined) return;
    const keys = `${bucket}/${prefix}`;
    const first = seen.get(keys);
    if (first === undefined) seen.set(keys, at);
    else report(`echo.counts[${at}]`, `is for the same keys as echo.counts[${first}]: ${keys}`);
  });
}

/** A domain that no partition names would be granted to nobody. */
function checkDomains(
  domains: readonly Item[],
  partitions: readonly Item[],
  ofPools: readonly string[],
  report: Report,
): void {
  unique(domains, 'capacityDomains', 'id', report);
  const named = new Set([
    ...partitions.map((each) => String(each.capacityDomain ?? (each.s3 === undefined ? 'disk0' : each.id))),
    ...ofPools,
  ]);
  domains.forEach(({ id, quota }, at) => {
    if (typeof id === 'string' && !named.has(id)) {
      const near = didYouMean(id, [...named]);
      const there = near === undefined ? `there are ${[...named].join(', ')}` : `did you mean ${near}?`;
      report(`capacityDomains[${at}].id`, `"${id}" is the capacityDomain of no partition; ${there}`);
    }
    if (typeof quota === 'object' && quota !== null && Object.keys(quota).length === 0) {
      report(`capacityDomains[${at}].quota`, 'grants nothing; name what it may do, such as readOps');
    }
  });
}

function unique(
  list: readonly Item[],
  listName: string,
  key: string,
  report: Report,
  normal: (value: string) => string = (value) => value,
): void {
  const seen = new Map<string, number>();
  list.forEach((item, at) => {
    const value = item[key];
    if (typeof value !== 'string' || value === '') return;
    const first = seen.get(normal(value));
    if (first === undefined) seen.set(normal(value), at);
    else report(`${listName}[${at}].${key}`, `"${value}" is already used by ${listName}[${first}]`);
  });
}
