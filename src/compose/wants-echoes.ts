// Where echoes help: two partitions at least that differ in a domain. A copy on the same disk relieves nobody.
import { type Config, memberOf } from '../config/config.ts';

/** Also where no rule asks for any: an operator may pin. */
export function wantsEchoes({
  partitions,
  replicas,
  pools,
}: Pick<Config, 'partitions' | 'replicas' | 'pools'>): boolean {
  if (replicas.length > 0) return true;
  const could = pools.flatMap((pool) => [1, 2].slice(0, pool.max).map((n) => memberOf(pool, n)));
  const all = [...partitions, ...could];
  return new Set(all.map(({ failureDomain, capacityDomain }) => `${failureDomain} ${capacityDomain}`)).size > 1;
}

/** Where echoes are made that nobody pinned. */
export const makesEchoes = (config: Config): boolean =>
  wantsEchoes(config) && (config.echoCount > 0 || config.echoCounts.some(({ count }) => count > 0));
