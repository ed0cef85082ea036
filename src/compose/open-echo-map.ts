// Where echoes are written down: in Redis where one is configured, for gateways on several machines, else in the catalog.
import type { Clock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import { walkEchoes } from '../echo/acts/walk-echoes.ts';
import { CatalogEchoMap } from '../echo/adapters/catalog-echo-map.ts';
import type { EchoMap } from '../echo/echo.ts';
import { fleetId } from '../objects/fleet-id.ts';
import type { Logger } from '../telemetry/telemetry.ts';

export interface EchoMapTools {
  readonly config: Pick<Config, 'redisUrl'>;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Whoever opens it closes it. */
export async function openEchoMap({ config, catalog, clock, log }: EchoMapTools): Promise<EchoMap> {
  if (config.redisUrl === undefined) return new CatalogEchoMap(catalog);
  // Its client costs start time: only for those who have a Redis.
  const [{ RedisEchoMap }, { GuardedEchoMap }, { CachedEchoMap }] = await Promise.all([
    import('../echo/adapters/redis-echo-map.ts'),
    import('../echo/wrappers/guarded-echo-map.ts'),
    import('../echo/wrappers/cached-echo-map.ts'),
  ]);
  const namespace = `echogate:${await fleetId(catalog, systemRandom)}`;
  const guarded = new GuardedEchoMap(RedisEchoMap.open({ url: config.redisUrl, namespace }), {
    clock,
    onAway: (err) => log.warn({ err }, 'the echo map in Redis is away; reads go on from primaries'),
    onBack: () => log.info('the echo map in Redis is back'),
  });
  return new CachedEchoMap(guarded, clock);
}

/** Entries in the catalog when the map is in Redis: left from before, and nobody looks at them. Their packs are swept up. */
export async function forgetEchoesInCatalog(catalog: Catalog): Promise<void> {
  const map = new CatalogEchoMap(catalog);
  for await (const echo of walkEchoes(map)) await map.change(echo, echo, undefined);
}
