// How keys begin: `<namespace>:{<purpose>}:`. The part in braces decides the slot, so a cluster takes scripts over several keys of one purpose.

/** Throws a TypeError when the namespace would change the slot. */
export function keyPrefix(purpose: string, namespace = 'echogate'): string {
  if (/[{}]/.test(namespace)) throw new TypeError(`a namespace has no braces: ${namespace}`);
  return `${namespace}:{${purpose}}:`;
}
