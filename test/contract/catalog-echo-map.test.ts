import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbCatalog } from '../../src/catalog/adapters/lmdb-catalog.ts';
import { CatalogEchoMap } from '../../src/echo/adapters/catalog-echo-map.ts';
import { echoMapContract } from './echo-map.contract.ts';

echoMapContract('the catalog', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'echogate-echo-map-'));
  const catalog = openLmdbCatalog({ path: join(dir, 'catalog') });
  return {
    maps: [new CatalogEchoMap(catalog), new CatalogEchoMap(catalog)],
    async dispose() {
      await catalog.close();
      rmSync(dir, { recursive: true });
    },
  };
});
