// `echogate map AREA` and `echogate map s3://bucket/key`: one area with what it holds and will be asked, one object with its blocks and echoes.
import type { AreaDescribed } from '../pilot/pilot.ts';
import { shortId } from './explained-text.ts';
import { hint, humanBytes, say, sayJson, table } from './print.ts';
import { parseObjectUrl } from './s3-url.ts';
import { adminClient } from './server-access.ts';

type Options = { readonly data?: string; readonly config?: string; readonly json?: boolean };

export async function showArea(name: string, options: Options): Promise<void> {
  const answer = await adminClient(options).request('GET', `/v1/map/area?area=${encodeURIComponent(name)}`);
  if (options.json) return sayJson(answer);
  say(areaText(answer as unknown as AreaDescribed));
}

function areaText(area: AreaDescribed): string {
  const { bucket, from, to, homes, held, demand, forecast, hottest, countedSec } = area;
  const keys = `${from === '' ? 'from its first key' : `from ${from}`} ${to === undefined ? 'to its last key' : `to ${to}, without it`}`;
  const homesText = homes.map(({ partition, weight }) =>
    homes.length === 1 ? partition : `${partition} (${partText(weight)})`,
  );
  const rows = held.map(({ partition, blocks, bytes, readShare }) => [
    partition,
    String(blocks),
    humanBytes(bytes),
    readShare === undefined ? '-' : partText(readShare),
  ]);
  return [
    `area ${area.area}: keys of bucket ${bucket} ${keys}`,
    `new blocks go to ${homesText.join(', ')}`,
    '',
    countedSec === undefined
      ? 'where its blocks lie is still being counted'
      : rows.length === 0
        ? 'no block of it was there when blocks were counted last'
        : table(rows, ['PARTITION', 'BLOCKS', 'BYTES', 'OF ITS READS']),
    '',
    demand === undefined
      ? 'what it is asked is not known: nobody watched in the last minutes'
      : table(
          [['now', ...flowCells(demand)], ...forecastRows(forecast)],
          ['PER SECOND', 'READS', 'WRITES', 'READ', 'WRITTEN'],
        ),
    '',
    hottest.length === 0
      ? 'no block of it is read often'
      : table(
          hottest.map(({ block, partition, bytes, readsPerSec, echoes }) => [
            shortId(block),
            partition,
            humanBytes(bytes),
            readsPerSec.toFixed(2),
            echoes.map((echo) => `${echo.partition} (${echo.state})`).join(' ') || '-',
          ]),
          ['HOTTEST BLOCKS', 'PARTITION', 'SIZE', 'READS/S', 'ECHOES'],
        ),
  ].join('\n');
}

/** The next step, and the greatest of all steps. */
function forecastRows(forecast: AreaDescribed['forecast']): string[][] {
  if (forecast === undefined) return [];
  const { values, stepSec } = forecast;
  const steps = values.readOps.length;
  const at = (pick: (row: readonly number[]) => number): string[] =>
    flowCells({
      readOps: pick(values.readOps),
      writeOps: pick(values.writeOps),
      readBytes: pick(values.readBytes),
      writeBytes: pick(values.writeBytes),
    });
  return [
    [`next ${stepSec / 60} min`, ...at((row) => row[0] ?? 0)],
    [`peak, ${(steps * stepSec) / 60} min`, ...at((row) => Math.max(0, ...row))],
  ];
}

interface FlowRow {
  readonly readOps: number;
  readonly writeOps: number;
  readonly readBytes: number;
  readonly writeBytes: number;
}

const flowCells = ({ readOps, writeOps, readBytes, writeBytes }: FlowRow): string[] => [
  readOps.toFixed(1),
  writeOps.toFixed(1),
  humanBytes(Math.round(readBytes)),
  humanBytes(Math.round(writeBytes)),
];

const partText = (part: number): string => `${Math.round(100 * part)} %`;

interface MappedObject {
  readonly size: number;
  readonly blockCount: number;
  readonly blocks: readonly {
    readonly block: string;
    readonly start: number;
    readonly length: number;
    readonly partition: string;
    readonly generation: number;
    readonly readsPerSec?: number;
    readonly echoes: readonly { readonly partition: string; readonly state: string; readonly isPinned: boolean }[];
  }[];
  readonly countsReads: boolean;
}

export async function showObject(url: string, options: Options): Promise<void> {
  const { bucket, key } = parseObjectUrl(url);
  const query = new URLSearchParams({ bucket, key });
  const answer = await adminClient(options).request('GET', `/v1/map/object?${query}`);
  if (options.json) return sayJson(answer);
  const { size, blockCount, blocks, countsReads } = answer as unknown as MappedObject;
  say(`${url}: ${humanBytes(size)} in ${blockCount === 1 ? '1 block' : `${blockCount} blocks`}`);
  if (blocks.length === 0) return;
  const rows = blocks.map(({ block, start, length, partition, generation, readsPerSec, echoes }) => [
    shortId(block),
    String(start),
    humanBytes(length),
    partition,
    String(generation),
    readsPerSec === undefined ? '-' : readsPerSec.toFixed(2),
    echoes.map((echo) => `${echo.partition} (${echo.state}${echo.isPinned ? ', pinned' : ''})`).join(' ') || '-',
  ]);
  say(`\n${table(rows, ['BLOCK', 'AT', 'SIZE', 'PRIMARY', 'MOVED', 'READS/S', 'ECHOES'])}`);
  if (blocks.length < blockCount) hint(`the first ${blocks.length} of ${blockCount} blocks`);
  if (!countsReads) hint('reads are not counted just now');
}
