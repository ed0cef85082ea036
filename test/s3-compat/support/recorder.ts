// Writes down what the cases really did: which members were sent, which errors came back.
import { appendFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { target } from './target.ts';

export type Fact =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'member'; readonly operation: string; readonly member: string }
  | { readonly kind: 'error'; readonly operation: string; readonly code: string }
  | { readonly kind: 'access'; readonly operation: string; readonly who: 'alt' | 'anonymous' };

const seen = new Set<string>();

function note(fact: Fact): void {
  const line = JSON.stringify(fact);
  if (target.coverageDirectory === undefined || seen.has(line)) return;
  seen.add(line);
  appendFileSync(join(target.coverageDirectory, `${process.pid}.jsonl`), `${line}\n`);
}

const noteFile = () => note({ kind: 'file', file: basename(expect.getState().testPath ?? '') });

export function noteMembers(operation: string, members: Iterable<string>): void {
  noteFile();
  for (const member of members) note({ kind: 'member', operation, member });
}

export const noteError = (operation: string, code: string): void => note({ kind: 'error', operation, code });

export const noteAccess = (operation: string, who: 'alt' | 'anonymous'): void =>
  note({ kind: 'access', operation, who });
