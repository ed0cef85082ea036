// Where echoes help: two partitions at least that differ in a domain. A copy on the same disk relieves nobody.
import type { Config } from '../config/config.ts';

export function wantsEchoes({ echoCount, partitions }: Config): boolean {
  const domains = new Set(partitions.map(({ failureDomain, capacityDomain }) => `${failureDomain} ${capacityDomain}`));
  return echoCount > 0 && domains.size > 1;
}
