// Four partitions, buckets spread evenly over them, and objects in each bucket.
import { type Gateway, s3Line } from './gateway.ts';
import type { Traffic } from './traffic.ts';

export const partitionIds = ['p1', 'p2', 'p3', 'p4'] as const;
const bucketsMax = 200;
const atOnce = 16;

/** In capacity and failure domains of their own. */
export const partitionLines = (backendPort: number, arm: string, quota?: string): string[] => [
  'partitions:',
  ...partitionIds.map(
    (id) =>
      `  - { id: ${id}, s3: ${s3Line(backendPort, `${arm}-${id}`)}, capacityDomain: d-${id}, failureDomain: d-${id}${quota === undefined ? '' : `, quota: ${quota}`} }`,
  ),
];

export interface Shelf {
  /** By the partition where they are at home. */
  readonly buckets: ReadonlyMap<string, readonly string[]>;
  /** `/bucket/key` */
  readonly objects: readonly string[];
}

/** A bucket lies on one partition, so buckets are made until every partition has as many. */
export async function fillShelf(
  traffic: Traffic,
  { bucketsEach, objectsEach }: { readonly bucketsEach: number; readonly objectsEach: number },
): Promise<Shelf> {
  const { gateway } = traffic;
  const buckets = new Map<string, string[]>(partitionIds.map((id) => [id, []]));
  for (let at = 0; [...buckets.values()].some(({ length }) => length < bucketsEach); at++) {
    if (at === bucketsMax) throw new Error(`${bucketsMax} buckets leave a partition with too few`);
    const bucket = `b${String(at).padStart(3, '0')}`;
    await makeBucket(gateway, bucket);
    await traffic.ask({ kind: 'write', path: `/${bucket}/first`, tag: 'fill' });
    const of = buckets.get(await gateway.partitionOf(`${bucket}/first`))!;
    if (of.length < bucketsEach) of.push(bucket);
  }
  const objects = [...buckets.values()]
    .flat()
    .flatMap((bucket) => Array.from({ length: objectsEach }, (_, at) => `/${bucket}/o${String(at).padStart(3, '0')}`));
  await store(traffic, objects);
  return { buckets, objects };
}

export async function store(traffic: Traffic, paths: readonly string[]): Promise<void> {
  const left = [...paths].reverse();
  const writer = async (): Promise<void> => {
    for (let path = left.pop(); path !== undefined; path = left.pop())
      await traffic.ask({ kind: 'write', path, tag: 'fill' });
  };
  await Promise.all(Array.from({ length: atOnce }, writer));
}

async function makeBucket(gateway: Gateway, bucket: string): Promise<void> {
  const { status, body } = await gateway.ask('PUT', `/${bucket}`);
  if (status !== 200) throw new Error(`PUT /${bucket} answered ${status}: ${body}`);
}
