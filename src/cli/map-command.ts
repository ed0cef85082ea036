// `echogate map [partition | area | s3://bucket/key]`: each partition with what it can do, what it is asked, and the areas that lie on it.

import type { Flows } from '../model/load.ts';
import { CommandError } from './exit-codes.ts';
import { humanBytes, say, sayJson, table } from './print.ts';
import { adminClient } from './server-access.ts';

type Options = { readonly data?: string; readonly config?: string; readonly json?: boolean };

interface PartitionShown {
  readonly id: string;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  readonly duty: string;
  readonly capacity: { readonly load: Partial<Flows>; readonly confidence: number; readonly source: string };
  readonly demand: Flows;
  readonly served: Flows;
  readonly errorsPerSec: number;
  readonly p99Ms?: number;
  readonly areas: readonly {
    readonly area: string;
    readonly bucket: string;
    readonly from: string;
    readonly home?: string;
    readonly demand: Flows;
  }[];
}

const areasShownMax = 20;

/** What a name means: an object, a key's area, a partition, or an area by its id. */
export async function showMap(name: string | undefined, options: Options): Promise<void> {
  const places = () => import('./map-place-commands.ts');
  if (name?.startsWith('s3://')) return await (await places()).showObject(name, options);
  if (name?.includes('/')) return await (await places()).showArea(name, options);
  try {
    await showPartitions(name, options);
  } catch (error) {
    const isArea = error instanceof CommandError && /^[0-9a-f]{6,32}$/.test(name ?? '');
    if (!isArea) throw error;
    await (await places()).showArea(name!, options);
  }
}

async function showPartitions(partition: string | undefined, options: Options): Promise<void> {
  const query = partition === undefined ? '' : `?partition=${encodeURIComponent(partition)}`;
  const answer = await adminClient(options).request('GET', `/v1/map${query}`);
  if (options.json) return sayJson(answer);
  const partitions = answer.partitions as unknown as readonly PartitionShown[];
  if (partition === undefined) return say(table(partitions.map(rowOf), head));
  for (const one of partitions) say(partitionText(one));
}

const head = [
  'PARTITION',
  'DUTY',
  'DOMAIN',
  'READS/S',
  'WRITES/S',
  'READ B/S',
  'WRITTEN B/S',
  'P99',
  'CAPACITY',
  'AREAS',
];

const rowOf = (one: PartitionShown): string[] => [
  one.id,
  one.duty,
  one.capacityDomain,
  ...flowCells(one.demand),
  p99Text(one.p99Ms),
  capacityText(one.capacity),
  String(one.areas.length),
];

function partitionText(one: PartitionShown): string {
  const rows = [
    ['clients want', ...flowCells(one.demand)],
    ['it does', ...flowCells(one.served)],
    ['it can do', ...flowCells(one.capacity.load)],
  ];
  const areas = one.areas
    .slice(0, areasShownMax)
    .map((area) => [
      `${area.bucket}/${area.from}`,
      area.home === one.id ? 'here' : (area.home ?? '-'),
      ...flowCells(area.demand),
    ]);
  const more = one.areas.length - areas.length;
  return [
    `${one.id}  ${one.duty}, capacity domain ${one.capacityDomain}, failure domain ${one.failureDomain}`,
    `capacity: ${capacityText(one.capacity)}; p99 ${p99Text(one.p99Ms)}, ${one.errorsPerSec.toFixed(2)} errors/s`,
    '',
    table(rows, ['PER SECOND', 'READS', 'WRITES', 'READ', 'WRITTEN']),
    '',
    areas.length === 0
      ? 'no area lies here'
      : table(areas, ['AREA FROM', 'NEW BLOCKS', 'READS', 'WRITES', 'READ', 'WRITTEN']),
    ...(more > 0 ? [`and ${more} more areas`] : []),
    '',
  ].join('\n');
}

const flowCells = ({ readOps, writeOps, readBytes, writeBytes }: Partial<Flows>): string[] => [
  count(readOps),
  count(writeOps),
  bytes(readBytes),
  bytes(writeBytes),
];

const count = (value: number | undefined): string =>
  value === undefined ? '-' : value < 10 ? value.toFixed(1) : value.toFixed(0);
const bytes = (value: number | undefined): string => (value === undefined ? '-' : humanBytes(Math.round(value)));
const p99Text = (p99Ms: number | undefined): string => (p99Ms === undefined ? '-' : `${p99Ms.toFixed(1)} ms`);

function capacityText({ load, confidence, source }: PartitionShown['capacity']): string {
  if (source === 'quota') return 'quota, less upkeep';
  if (Object.keys(load).length === 0) return 'not known yet';
  return confidence === 0 ? 'at least what it did' : `estimated, confidence ${confidence.toFixed(1)}`;
}
