// EchoMap in the catalog: for the processes of one machine, which have nothing else in common.
import type { Catalog, Row } from '../../catalog/catalog.ts';
import { echoNameOf, after as justAfter, keys, prefixEnd, tag } from '../../catalog/keys.ts';
import { decodeEcho, encodeEcho } from '../../catalog/records/echo.ts';
import type { Echo, EchoName } from '../../model/echo.ts';
import type { BlockId } from '../../model/ids.ts';
import type { EchoMap } from '../echo.ts';

/** More copies of one block than anybody may ask for. */
const ofBlockMax = 64;

export class CatalogEchoMap implements EchoMap {
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** At once where the catalog answers at once. */
  of(block: BlockId): readonly Echo[] | Promise<readonly Echo[]> {
    const [from, to] = keys.echoesOf(block);
    const rows = this.#catalog.range(from, to, { limit: ofBlockMax });
    return rows instanceof Promise ? rows.then(echoesIn) : echoesIn(rows);
  }

  async page(after: EchoName | undefined, count: number): Promise<readonly Echo[]> {
    const all = keys.first(tag.echo);
    const from = after === undefined ? all : justAfter(keys.echo(after.block, after.partition));
    return echoesIn(await this.#catalog.range(from, prefixEnd(all), { limit: count }));
  }

  async change(name: EchoName, known: Echo | undefined, next: Echo | undefined): Promise<boolean> {
    const key = keys.echo(name.block, name.partition);
    const row = await this.#catalog.get(key);
    if (!isSame(row, known)) return false;
    const check = [key, row === undefined ? 'absent' : row.version] as const;
    const value = next && encodeEcho(next);
    return (await this.#catalog.commit({ checks: [check], writes: [[key, value]] })) === 'done';
  }

  async close(): Promise<void> {}
}

const isSame = (row: Row | undefined, known: Echo | undefined): boolean =>
  row === undefined || known === undefined ? row === known : row.value.equals(encodeEcho(known));

const echoesIn = (rows: readonly Row[]): Echo[] =>
  rows.map(({ key, value }) => ({ ...echoNameOf(key), ...decodeEcho(value) }));
