// What declared things do to a partition: the sum of what they do to its areas.
import type { Effect } from './prior.ts';

/** `share`: of the area's flow that falls on the partition. The greatest first; factors as weighty as their loads. */
export function mergeEffects(
  parts: readonly { readonly effects: readonly Effect[]; readonly share: number }[],
): Effect[] {
  const merged = new Map<string, Effect>();
  for (const { effects, share } of parts) {
    for (const effect of effects) {
      const key = `${effect.kind} ${effect.name}`;
      const load = effect.load * share;
      const before = merged.get(key);
      if (before === undefined) {
        merged.set(key, { ...effect, load });
        continue;
      }
      const weight = Math.abs(before.load) + Math.abs(load);
      const own = weight > 0 ? Math.abs(load) / weight : 0.5;
      merged.set(key, {
        ...effect,
        load: before.load + load,
        factor: before.factor + own * (effect.factor - before.factor),
        runs: Math.max(before.runs, effect.runs),
      });
    }
  }
  return [...merged.values()].filter(({ load }) => load !== 0).sort((a, b) => Math.abs(b.load) - Math.abs(a.load));
}
