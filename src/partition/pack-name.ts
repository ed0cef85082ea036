// A pack id becomes part of a path or of a backend key: only 32 hex digits may.
import type { PackId } from '../model/ids.ts';

const packPattern = /^[0-9a-f]{32}$/;

export const isPackId = (text: string): boolean => packPattern.test(text);

/** Throws on anything that is not an id. */
export function packFile(pack: PackId): string {
  if (!isPackId(pack)) throw new TypeError(`not a pack id: ${JSON.stringify(pack)}`);
  return `${pack}.pack`;
}

/** The id that a file or key name stands for; undefined for strangers. */
export function packOfFile(name: string): PackId | undefined {
  const pack = name.endsWith('.pack') ? name.slice(0, -5) : '';
  return isPackId(pack) ? pack : undefined;
}
