// What `echogate echo …` asks the running server, and how the answers are shown.
import { CommandError, exitCodes } from './exit-codes.ts';
import { type ExplainedObject, explainedText, shortId, spanText } from './explained-text.ts';
import { hint, humanBytes, say, sayJson, table } from './print.ts';
import { parseObjectUrl } from './s3-url.ts';
import { type AdminClient, adminClient } from './server-access.ts';

type Options = { readonly data?: string; readonly config?: string; readonly json?: boolean } & Readonly<
  Record<string, unknown>
>;

interface Listed {
  readonly block: string;
  readonly bucket?: string;
  readonly partition: string;
  readonly state: string;
  readonly bytes: number;
  readonly ageSec: number;
  readonly pinned: boolean;
}

export async function listEchoes(options: Options): Promise<void> {
  const query = new URLSearchParams({ limit: String(whole(options.limit, '--limit', 1, 10_000)) });
  if (typeof options.bucket === 'string') query.set('bucket', options.bucket);
  const answer = await adminClient(options).request('GET', `/v1/echoes?${query}`);
  if (options.json) return sayJson(answer);
  if (typeof answer.note === 'string') hint(`note: ${answer.note}`);
  const echoes = answer.echoes as readonly Listed[];
  if (echoes.length === 0) return say('no echoes');
  say(table(echoes.map(rowOf), ['BLOCK', 'BUCKET', 'PARTITION', 'STATE', 'SIZE', 'AGE', 'PINNED']));
  const left = Number(answer.total) - echoes.length;
  if (left > 0) hint(`${left} more are not shown; --limit shows more`);
}

const rowOf = ({ block, bucket, partition, state, bytes, ageSec, pinned }: Listed): string[] => [
  shortId(block),
  bucket ?? '-',
  partition,
  state,
  humanBytes(bytes),
  spanText(ageSec),
  pinned ? 'yes' : '-',
];

interface PinnedBlock {
  readonly block: string;
  readonly bytes: number;
  readonly home: string;
  readonly echoes: readonly string[];
  readonly note?: string;
}

export async function pinEchoes(url: string, options: Options): Promise<void> {
  const { bucket, key } = parseObjectUrl(url);
  const count = whole(options.count, '--count', 0, 4);
  const answer = await adminClient(options).request('POST', '/v1/echoes/pin', { bucket, key, count });
  if (options.json) return sayJson(answer);
  const blocks = answer.blocks as readonly PinnedBlock[];
  const all = `${answer.blockCount} ${answer.blockCount === 1 ? 'block' : 'blocks'}`;
  say(count === 0 ? `${url} is not pinned: ${all}` : `pinned ${url}: ${all}, ${echoesText(count)} wanted of each`);
  const rows = blocks.map(({ block, home, bytes, echoes }) => [
    shortId(block),
    humanBytes(bytes),
    home,
    echoes.join(' ') || 'none',
  ]);
  if (count > 0) say(table(rows, ['BLOCK', 'SIZE', 'HOME', 'ECHOES']));
  for (const { block, note } of blocks) if (note !== undefined) hint(`block ${shortId(block)}: ${note}`);
  if (Number(answer.waiting) > 0) hint(`the other ${answer.waiting} blocks follow within minutes`);
}

const echoesText = (count: number): string => (count === 1 ? '1 echo' : `${count} echoes`);

export async function dropEchoes(url: string | undefined, options: Options): Promise<void> {
  const { all, block, partition } = options;
  if ([url, all, block].filter((each) => each !== undefined).length !== 1)
    throw wrongDrop('name one of s3://bucket/key, --block and --all');
  if (partition !== undefined && all === undefined) throw wrongDrop('--partition goes with --all');
  const what = url === undefined ? { all, block, partition } : parseObjectUrl(url);
  const { dropped, bytes, unpinned } = await dropUntilDone(adminClient(options), what);
  if (options.json) return sayJson({ dropped, bytes, unpinned });
  const pins = unpinned === 0 ? '' : `; ${unpinned} ${unpinned === 1 ? 'block is' : 'blocks are'} pinned no more`;
  say(`dropped ${echoesText(dropped)}, ${humanBytes(bytes)}${pins}`);
}

const wrongDrop = (message: string): CommandError =>
  new CommandError(message, { exitCode: exitCodes.usage, next: 'echogate echo drop --help shows examples.' });

/** One answer takes as long as the server may take for one. */
async function dropUntilDone(client: AdminClient, what: object) {
  const sum = { dropped: 0, bytes: 0, unpinned: 0 };
  for (;;) {
    const answer = await client.request('POST', '/v1/echoes/drop', what);
    for (const each of ['dropped', 'bytes', 'unpinned'] as const) sum[each] += Number(answer[each]);
    if (answer.isMore !== true) return sum;
  }
}

export async function explainEchoes(url: string, options: Options): Promise<void> {
  const { bucket, key } = parseObjectUrl(url);
  const query = new URLSearchParams({ bucket, key });
  const answer = await adminClient(options).request('GET', `/v1/echoes/explain?${query}`);
  if (options.json) return sayJson(answer);
  say(explainedText(url, answer as unknown as ExplainedObject));
}

function whole(raw: unknown, name: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(String(raw)) ? Number(raw) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new CommandError(`${name} must be a whole number between ${min} and ${max}, not ${raw}`, {
    exitCode: exitCodes.usage,
  });
}
