// A pack id becomes part of a path or of a backend key: only 32 hex digits may.
import { isId, type PackId } from '../model/ids.ts';

/** Throws on anything that is not an id. */
export function packFile(pack: PackId): string {
  if (!isId(pack)) throw new TypeError(`not a pack id: ${JSON.stringify(pack)}`);
  return `${pack}.pack`;
}

/** The id that a file or key name stands for; undefined for strangers. */
export function packOfFile(name: string): PackId | undefined {
  const pack = name.endsWith('.pack') ? name.slice(0, -5) : '';
  return isId(pack) ? pack : undefined;
}
