// Commands that only ask the running server: buckets, keys, where an object lies, which processes run.
import { hint, humanBytes, say, sayJson, table } from './print.ts';
import { parseObjectUrl } from './s3-url.ts';
import { adminClient } from './server-access.ts';

type Options = { readonly data?: string; readonly config?: string; readonly json?: boolean } & Readonly<
  Record<string, unknown>
>;
type Row = Readonly<Record<string, unknown>>;

const rowsOf = (value: unknown): Row[] => (Array.isArray(value) ? (value as Row[]) : []);

export async function createBucket(name: string, options: Options): Promise<void> {
  const made = await adminClient(options).request('POST', '/v1/buckets', { name, owner: options.owner });
  if (options.json) sayJson(made);
  else say(`made bucket ${name}`);
}

export async function listBuckets(options: Options): Promise<void> {
  const answer = await adminClient(options).request('GET', '/v1/buckets');
  if (options.json) return sayJson(answer);
  const rows = rowsOf(answer.buckets).map((each) => [String(each.created), String(each.owner), String(each.name)]);
  say(rows.length === 0 ? 'no buckets' : table(rows, ['CREATED', 'OWNER', 'NAME']));
}

export async function removeBucket(name: string, options: Options): Promise<void> {
  const answer = await adminClient(options).request('DELETE', `/v1/buckets/${encodeURIComponent(name)}`);
  if (options.json) sayJson(answer);
  else say(`removed bucket ${name}`);
}

export async function createKey(user: string, options: Options): Promise<void> {
  const body = { name: user, displayName: options.displayName, email: options.email };
  const made = await adminClient(options).request('POST', '/v1/keys', body);
  if (options.json) return sayJson(made);
  say(`Access key   ${made.accessKey}\nSecret key   ${made.secretKey}`);
  hint(`This secret is shown only now. It belongs to ${made.name}.`);
}

export async function listKeys(options: Options): Promise<void> {
  const answer = await adminClient(options).request('GET', '/v1/keys');
  if (options.json) return sayJson(answer);
  const rows = rowsOf(answer.keys).map((each) => [each.accessKey, each.name, each.origin].map(String));
  say(table(rows, ['ACCESS KEY', 'USER', 'FROM']));
}

export async function removeKey(accessKey: string, options: Options): Promise<void> {
  const answer = await adminClient(options).request('DELETE', `/v1/keys/${encodeURIComponent(accessKey)}`);
  if (options.json) sayJson(answer);
  else say(`withdrew ${accessKey}`);
}

export async function info(url: string, options: Options): Promise<void> {
  const { bucket, key } = parseObjectUrl(url);
  const query = new URLSearchParams({ bucket, key });
  if (typeof options.versionId === 'string') query.set('versionId', options.versionId);
  const found = await adminClient(options).request('GET', `/v1/info?${query}`);
  if (options.json) return sayJson(found);
  say(
    [
      `s3://${bucket}/${key}`,
      `  size       ${humanBytes(Number(found.size))} (${found.size} bytes)`,
      `  etag       ${found.etag}`,
      `  version    ${found.versionId}`,
      `  modified   ${found.modified}`,
      `  blocks     ${found.blockCount}`,
    ].join('\n'),
  );
  const blocks = rowsOf(found.blocks).map((each) =>
    [each.start, each.length, each.partition, each.pack, each.offset, each.id].map(String),
  );
  if (blocks.length > 0) say(`\n${table(blocks, ['AT', 'LENGTH', 'PARTITION', 'PACK', 'OFFSET', 'BLOCK'])}`);
  if (Number(found.blockCount) > blocks.length) hint(`the first ${blocks.length} of ${found.blockCount} blocks`);
  const partitions = rowsOf(found.partitions).map((each) => [String(each.partition), humanBytes(Number(each.bytes))]);
  if (partitions.length > 0) say(`\n${table(partitions, ['PARTITION', 'BYTES'])}`);
}

export async function status(options: Options): Promise<void> {
  const client = adminClient(options);
  const found = await client.request('GET', '/v1/status');
  const { pilotStatus, pilotStatusText } = await import('./pilot-commands.ts');
  const planning = await pilotStatus(client);
  // `version` is that of the JSON's shape, as everywhere.
  if (options.json) return sayJson({ ...found, echogate: found.version, ...(planning && { planning }) });
  const workers = rowsOf(found.workers).map((each) => `${each.name} (${each.pid})`);
  const pilot = found.pilot as Row | undefined;
  say(
    [
      `echogate ${found.version}, ${found.state}`,
      `  S3           ${found.endpoint}   region ${found.region}`,
      `  data         ${found.data}`,
      `  supervisor   ${found.pid}`,
      `  workers      ${workers.join(', ') || 'none ready'}`,
      `  pilot        ${pilot === undefined ? 'not ready' : pilot.pid}`,
      ...(planning === undefined ? [] : [`  planning     ${pilotStatusText(planning)}`]),
    ].join('\n'),
  );
}
