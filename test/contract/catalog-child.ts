// A child process that works on the catalog under test, and what it reported so far.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import type { Job, OpenOrder, ReadOrder, Report } from './catalog-jobs.ts';
import type { CatalogPlace } from './catalog-place.ts';

type ReportOf<K extends Report['kind']> = Extract<Report, { kind: K }>;

export interface ChildOptions {
  /** Keeps others from committing while the child opens; without it nobody may commit. */
  readonly keeper?: LmdbCatalog;
  /** The system refuses to let any file grow beyond this, as a full disk would. */
  readonly fileBytesMax?: number;
  /** For a child that is meant to complain. */
  readonly quiet?: boolean;
}

/** A limit needs the shell: the child starts behind `ulimit`, with the signal that would kill it ignored. */
function runner({ fileBytesMax }: ChildOptions): { execPath?: string; execArgv: string[] } {
  if (fileBytesMax === undefined) return { execArgv: [] };
  const script = `trap '' XFSZ; ulimit -f ${Math.floor(fileBytesMax / 512)}; exec "$0" "$@"`;
  return { execPath: 'sh', execArgv: ['-c', script, process.execPath] };
}

export class CatalogChild {
  readonly #process: ChildProcess;
  readonly #waiting: (() => void)[] = [];
  readonly reports: Report[] = [];
  #ended = false;

  constructor(file: string, place: CatalogPlace, job: Job, options: ChildOptions = {}) {
    this.#process = fork(file, [JSON.stringify(place), JSON.stringify(job)], {
      ...runner(options),
      stdio: ['ignore', 'inherit', options.quiet ? 'ignore' : 'inherit', 'ipc'],
    });
    this.#process.on('message', (report: Report) => {
      this.reports.push(report);
      this.#wake();
      if (report.kind === 'opens') void (options.keeper?.withoutCommits(() => this.#letOpen()) ?? this.#letOpen());
    });
    this.#process.on('exit', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async #letOpen(): Promise<void> {
    const from = this.reports.length;
    if (!this.#process.connected) return;
    this.#process.send({ kind: 'open' } satisfies OpenOrder);
    await this.next('opened', from).catch(() => {}); // it ended
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The first report of this kind among those from number `from` on. */
  async next<K extends Report['kind']>(
    kind: K,
    from = 0,
    accept: (report: ReportOf<K>) => boolean = () => true,
  ): Promise<ReportOf<K>> {
    for (;;) {
      const found = this.reports.slice(from).find((report): report is ReportOf<K> => {
        return report.kind === kind && accept(report as ReportOf<K>);
      });
      if (found) return found;
      if (this.#ended) throw new Error(`the child ended before it reported ${kind}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The highest generation that the child was told is durable. */
  acknowledged(): number {
    return Math.max(0, ...this.reports.map((report) => (report.kind === 'acknowledged' ? report.generation : 0)));
  }

  async read(key: string): Promise<string | undefined> {
    const from = this.reports.length;
    const order: ReadOrder = { kind: 'read', key };
    this.#process.send(order);
    return (await this.next('value', from)).value;
  }

  /** How the child ended by itself. */
  async exitCode(): Promise<number | null> {
    if (!this.#ended) await once(this.#process, 'exit');
    return this.#process.exitCode;
  }

  /** SIGKILL: no handler, no flush, no goodbye. Every report sent before is in `reports` afterwards. */
  async kill(): Promise<void> {
    if (this.#ended) return;
    const closed = once(this.#process, 'close');
    this.#process.kill('SIGKILL');
    await closed;
  }
}
