// All entries of the echo map, page by page: whoever counts, lists or sweeps them walks alike.
import type { Echo } from '../../model/echo.ts';
import type { EchoMap } from '../echo.ts';

const pageEntries = 500;

/** An entry that stays meanwhile is seen once. */
export async function* walkEchoes(map: Pick<EchoMap, 'page'>): AsyncGenerator<Echo, void> {
  for (let last: Echo | undefined; ; ) {
    const page = await map.page(last, pageEntries);
    yield* page;
    if (page.length < pageEntries) return;
    last = page.at(-1)!;
  }
}
