// `echogate echo explain` as text: a few lines per block, the answer to "where is it read, and why" first.
import { humanBytes, table } from './print.ts';

interface Health {
  readonly partition: string;
  readonly state: string;
  readonly inFlight?: number;
  readonly limit?: number;
  readonly latencyMs?: number;
  readonly usualMs?: number;
}

interface Wanted {
  readonly count: number;
  readonly because: 'pin' | 'rule' | 'default';
  readonly rule?: { readonly bucket: string; readonly prefix?: string };
}

interface ExplainedBlock {
  readonly block: string;
  readonly bytes: number;
  readonly isGone?: boolean;
  readonly wanted: Wanted;
  readonly heat?: number;
  readonly home: Health;
  readonly echoes: readonly {
    readonly partition: string;
    readonly state: string;
    readonly pinned: boolean;
    readonly ageSec: number;
    readonly at: Health;
  }[];
  /** Copies of its whole partition that its backend keeps. */
  readonly replicas?: readonly Health[];
  readonly read: { readonly because: string; readonly order: readonly string[] };
}

export interface ExplainedObject {
  readonly mode: 'block' | 'metadata';
  readonly blocks: readonly ExplainedBlock[];
  readonly isMore: boolean;
}

const reasons: Readonly<Record<string, string>> = {
  'primary-well': 'the primary does well',
  'primary-again': 'the primary did badly, and is tried again',
  'no-echo': 'the primary is in trouble, and no echo can be read',
  'primary-down': 'the primary is down',
  'primary-busy': 'the primary has more under way than it seems to take',
  'primary-slow': 'the primary answers slower than it usually does',
  'primary-failing': 'the primary fails now and then',
};

export function explainedText(url: string, { mode, blocks, isMore }: ExplainedObject): string {
  if (blocks.length === 0) return `${url} has no bytes, and so no blocks`;
  return [
    `${url}${mode === 'metadata' ? '  (echo.mode is metadata: echoes have no bytes, and no read is sent to one)' : ''}`,
    ...blocks.map(blockText),
    ...(isMore ? [`further blocks are not shown; these are the first ${blocks.length}`] : []),
  ].join('\n\n');
}

function blockText({ block, bytes, isGone, wanted, heat, home, echoes, replicas = [], read }: ExplainedBlock): string {
  const title = `block ${shortId(block)}, ${humanBytes(bytes)}`;
  if (isGone) return `${title}: gone; the object was overwritten or removed`;
  const [first = 'primary'] = read.order;
  const rows = [
    ['primary', ...healthCells(home), '-', '-'],
    ...echoes.map(({ state, pinned, ageSec, at }) => [
      `echo, ${state}`,
      ...healthCells(at),
      spanText(ageSec),
      pinned ? 'yes' : '-',
    ]),
    ...replicas.map((at) => ['replica', ...healthCells(at), '-', '-']),
  ];
  return [
    `${title}${heat === undefined ? '' : `, about ${heat} reads of late`}`,
    `  a read tries ${first === 'primary' ? 'the primary' : first} first: ${reasons[read.because] ?? read.because}`,
    `  echoes: ${echoes.length} there, ${wanted.count} wanted (${wantedText(wanted)})`,
    ...table(rows, ['COPY', 'PARTITION', 'HEALTH', 'UNDER WAY', 'LATENCY', 'USUALLY', 'AGE', 'PINNED'])
      .split('\n')
      .map((line) => `  ${line}`),
  ].join('\n');
}

function wantedText({ because, rule }: Wanted): string {
  if (because === 'pin') return 'pinned';
  if (rule === undefined) return 'echo.count';
  return `echo.counts: ${rule.bucket}/${rule.prefix ?? ''}`;
}

const healthCells = ({ partition, state, inFlight, limit, latencyMs, usualMs }: Health): string[] => [
  partition,
  state,
  inFlight === undefined ? '-' : `${inFlight} of ${limit}`,
  msText(latencyMs),
  msText(usualMs),
];

const msText = (ms: number | undefined): string => (ms === undefined ? '-' : `${ms.toFixed(1)} ms`);

/** The first digits of a block's id are the time it was made, and so alike; `echo drop --block` takes the last ones. */
const shownDigits = 10;
export const shortId = (id: string): string => id.slice(-shownDigits);

/** `90` → `1m`: its largest unit is enough to see how old something is. */
export function spanText(sec: number): string {
  if (sec < 60) return `${sec}s`;
  if (sec < 3600) return `${Math.floor(sec / 60)}m`;
  return sec < 86_400 ? `${Math.floor(sec / 3600)}h` : `${Math.floor(sec / 86_400)}d`;
}
