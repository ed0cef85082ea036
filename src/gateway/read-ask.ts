// What GET and HEAD ask of an object: which version, under which conditions, which bytes.
import type { ReadAsk } from '../objects/objects.ts';
import { readConditions } from './conditions-input.ts';
import type { Context } from './operation.ts';
import { selectionOf, versionIdOf } from './targets.ts';

type ReadInput = Parameters<typeof readConditions>[0] & Parameters<typeof selectionOf>[0] & { VersionId?: string };

export function readAskOf(input: ReadInput, { request, granted }: Context): ReadAsk {
  const { rangeText, partNumber } = selectionOf(input);
  return {
    versionId: versionIdOf(input),
    // The very version whose ACL allowed it, not one that was put in its place meanwhile.
    version: granted.version,
    conditions: readConditions(input),
    select: { rangeText, partNumber, ifRange: request.headers['if-range'] },
  };
}
