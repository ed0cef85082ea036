// What a child process of the contract suite does with the catalog. Orders come in and reports go out as IPC messages.
import { once } from 'node:events';
import type { LmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import type { Catalog, Change } from '../../src/catalog/catalog.ts';
import { type CatalogPlace, mountAt } from './catalog-place.ts';

export type Job =
  /** Adds 1 to a counter row, `times` times, `width` at once; reports `done`. */
  | { readonly kind: 'increment'; readonly key: string; readonly times: number; readonly width: number }
  /** Reads without pause; answers each `read` order with the value as it stands then. */
  | { readonly kind: 'read' }
  /** Commits `rows` rows of one generation after another, for ever; reports each generation once it is acknowledged. */
  | { readonly kind: 'generations'; readonly prefix: string; readonly rows: number }
  /** Commits ever more large rows until the disk refuses; reports each generation once it is acknowledged. */
  | { readonly kind: 'fill'; readonly prefix: string; readonly rowBytes: number }
  /** Keeps all others from committing, for ever; reports `ready`. */
  | { readonly kind: 'keep' }
  /** Opens and closes the catalog so many times; reports `done`. */
  | { readonly kind: 'open'; readonly times: number };

export type Report =
  /** It waits for the order to open the catalog, and has. */
  | { readonly kind: 'opens' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'done' }
  | { readonly kind: 'value'; readonly value: string | undefined }
  | { readonly kind: 'acknowledged'; readonly generation: number };

export interface OpenOrder {
  readonly kind: 'open';
}

export interface ReadOrder {
  readonly kind: 'read';
  readonly key: string;
}

const report = (message: Report): void => {
  process.send?.(message);
};

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function increment(catalog: Catalog, key: Buffer, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const row = await catalog.get(key);
    const next = Buffer.from(String(Number(row?.value ?? '0') + 1));
    const outcome = await catalog.commit({ checks: [[key, row?.version ?? 'absent']], writes: [[key, next]] });
    if (outcome === 'done') done += 1;
  }
}

async function serveReads(catalog: Catalog): Promise<void> {
  process.on('message', (order: ReadOrder | OpenOrder) => {
    if (order.kind !== 'read') return;
    void (async () => {
      const row = await catalog.get(Buffer.from(order.key));
      report({ kind: 'value', value: row?.value.toString() });
    })();
  });
  const other = Buffer.from('other');
  await catalog.get(other);
  report({ kind: 'ready' });
  for (;;) {
    await catalog.get(other); // so that a read snapshot is nearly always open when an order comes in
    await pause();
  }
}

async function writeGenerations(catalog: Catalog, prefix: string, rows: number): Promise<void> {
  const names = Array.from({ length: rows }, (_, row) => Buffer.from(`${prefix}${String(row).padStart(4, '0')}`));
  for (let generation = 1; ; generation++) {
    const value = Buffer.from(String(generation));
    const outcome = await catalog.commit({ checks: [], writes: names.map((name) => [name, value]) });
    if (outcome === 'done') report({ kind: 'acknowledged', generation });
  }
}

async function fill(catalog: Catalog, prefix: string, rowBytes: number): Promise<void> {
  process.on('unhandledRejection', () => undefined); // the adapter must end the process, not an accident
  for (let generation = 1; ; generation++) {
    const key = Buffer.from(`${prefix}${String(generation).padStart(4, '0')}`);
    const change: Change = { checks: [[key, 'absent']], writes: [[key, Buffer.alloc(rowBytes, generation)]] };
    await catalog.commit(change).catch(() => new Promise(() => undefined));
    report({ kind: 'acknowledged', generation });
  }
}

const keep = (catalog: LmdbCatalog): Promise<void> =>
  catalog.withoutCommits(() => {
    report({ kind: 'ready' });
    return new Promise(() => {});
  });

/** As a process of the product does: while nobody commits. One without a parent to ask is alone. */
async function opened(place: CatalogPlace): Promise<LmdbCatalog> {
  if (process.send === undefined) return mountAt(place)();
  const ordered = once(process, 'message');
  report({ kind: 'opens' });
  await ordered;
  const open = mountAt(place);
  await new Promise((sent) => process.send!({ kind: 'opened' } satisfies Report, sent));
  return open();
}

async function openOften(place: CatalogPlace, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    const catalog = await opened(place);
    await catalog.close();
  }
}

async function run(place: CatalogPlace, job: Job): Promise<void> {
  if (job.kind === 'open') await openOften(place, job.times);
  else await work(await opened(place), job);
  report({ kind: 'done' });
  process.disconnect?.();
}

async function work(catalog: LmdbCatalog, job: Exclude<Job, { kind: 'open' }>): Promise<void> {
  if (job.kind === 'read') return serveReads(catalog);
  if (job.kind === 'generations') return writeGenerations(catalog, job.prefix, job.rows);
  if (job.kind === 'keep') return keep(catalog);
  if (job.kind === 'fill') return fill(catalog, job.prefix, job.rowBytes);
  const key = Buffer.from(job.key);
  const share = job.times / job.width;
  await Promise.all(Array.from({ length: job.width }, () => increment(catalog, key, share)));
  await catalog.close();
}

process.on('disconnect', () => process.exit());
const [place, job] = process.argv.slice(2).map((text) => JSON.parse(text)) as [CatalogPlace, Job];
await run(place, job);
