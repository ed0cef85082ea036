// `echogate partition list|add|drain|retire`: what the running server says of its partitions, and is told of them.
import type { WhoseWord } from '../model/whose-word.ts';
import { hint, humanBytes, say, sayJson, table } from './print.ts';
import { adminClient } from './server-access.ts';

type Options = { readonly data?: string; readonly config?: string; readonly json?: boolean };

interface Listed {
  readonly id: string;
  readonly pool?: string;
  readonly duty: string;
  readonly by?: WhoseWord;
  readonly since?: string;
  readonly health?: string;
  readonly capacityBytes?: number;
  readonly storedBytes: number;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  readonly granted?: Readonly<Record<string, number>>;
  readonly holds?: string;
}

interface ListedPool {
  readonly name: string;
  readonly left: number;
}

export async function listPartitions(options: Options): Promise<void> {
  const answer = await adminClient(options).request('GET', '/v1/partitions');
  if (options.json) return sayJson(answer);
  const partitions = answer.partitions as readonly Listed[];
  say(table(partitions.map(cells), ['PARTITION', 'POOL', 'DUTY', 'SINCE', 'STATE', 'CAPACITY', 'STORED', 'DOMAINS']));
  for (const { id, holds } of partitions) if (holds !== undefined) hint(`${id} still holds ${holds}`);
  for (const { name, left } of answer.pools as readonly ListedPool[])
    hint(`pool ${name}: ${left} more can be made now`);
}

const cells = (one: Listed): string[] => [
  one.id,
  one.pool ?? '-',
  one.by === 'operator' ? `${one.duty}, by an operator` : one.duty,
  one.since ?? '-',
  one.health ?? '-',
  [
    ...(one.capacityBytes === undefined ? [] : [humanBytes(one.capacityBytes)]),
    ...Object.entries(one.granted ?? {})
      .filter(([flow]) => flow !== 'storedBytes')
      .map(([flow, perSec]) => `${flow.endsWith('Bytes') ? humanBytes(perSec) : Math.round(perSec)} ${flow}/s`),
  ].join(', ') || '-',
  humanBytes(one.storedBytes),
  one.capacityDomain === one.failureDomain
    ? one.capacityDomain
    : `${one.capacityDomain}, fails with ${one.failureDomain}`,
];

export async function changePartition(what: 'add' | 'drain' | 'retire', name: string, options: Options): Promise<void> {
  const client = adminClient(options);
  const answer =
    what === 'add'
      ? await client.request('POST', '/v1/partitions', { name })
      : await client.request('POST', `/v1/partitions/${encodeURIComponent(name)}/${what}`);
  if (options.json) sayJson(answer);
  else say(String(answer.message));
}
