// Where echoes help: two partitions at least that differ in a domain. A copy on the same disk relieves nobody.
import type { Config } from '../config/config.ts';

/** Also where no rule asks for any: an operator may pin. */
export function wantsEchoes({ partitions, replicas }: Pick<Config, 'partitions' | 'replicas'>): boolean {
  if (replicas.length > 0) return true;
  return new Set(partitions.map(({ failureDomain, capacityDomain }) => `${failureDomain} ${capacityDomain}`)).size > 1;
}

/** Where echoes are made that nobody pinned. */
export const makesEchoes = (config: Config): boolean =>
  wantsEchoes(config) && (config.echoCount > 0 || config.echoCounts.some(({ count }) => count > 0));
