// The coverage table: operation × member × error, from what the operations declare and what the cases really did.
// A built operation fails the run when a member of the model is neither exercised nor declared refused or accepted.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Fact } from './recorder.ts';

interface Declared {
  readonly command: new (input: object) => { readonly schema: readonly unknown[] };
  readonly accepts?: Readonly<Record<string, readonly string[]>>;
  readonly refused?: readonly string[];
  readonly errors?: readonly string[];
}

export interface DeclaredOperation {
  readonly name: string;
  readonly members: readonly string[];
  readonly accepts: Readonly<Record<string, readonly string[]>>;
  readonly refused: readonly string[];
  readonly errors: readonly string[];
}

const root = join(import.meta.dirname, '../../..');
const page = join(root, 'docs/COVERAGE.md');

/** Answered before an operation is asked; any of them may come from any request. */
const common = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'InvalidURI',
  'KeyTooLongError',
  'NotImplemented',
  'SignatureDoesNotMatch',
]);

/** Operations that nobody owns a resource of. */
const ownerless = new Set(['ListBuckets', 'CreateBucket']);

export async function declaredOperations(): Promise<DeclaredOperation[]> {
  const folder = join(root, 'dist/gateway/operations');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.js')).sort();
  const operations: DeclaredOperation[] = [];
  for (const file of files) {
    const { default: declared } = (await import(/* @vite-ignore */ join(folder, file))) as { default: Declared };
    const [, , name, , input] = new declared.command({}).schema;
    operations.push({
      name: String(name),
      members: [...NormalizedSchema.of(input as never).structIterator()].map(([member]) => member),
      accepts: declared.accepts ?? {},
      refused: declared.refused ?? [],
      errors: declared.errors ?? [],
    });
  }
  return operations;
}

async function readFacts(directory: string): Promise<Fact[]> {
  const facts: Fact[] = [];
  for (const name of await readdir(directory)) {
    const text = await readFile(join(directory, name), 'utf8');
    for (const line of text.split('\n')) if (line) facts.push(JSON.parse(line) as Fact);
  }
  return facts;
}

/** What is wrong with the coverage; nothing when only some of the case files ran. */
export async function checkCoverage(directory: string): Promise<string[]> {
  const facts = await readFacts(directory);
  const ran = new Set(facts.flatMap((fact) => (fact.kind === 'file' ? [fact.file] : [])));
  const files = (await readdir(join(root, 'test/s3-compat'))).filter((name) => name.endsWith('.test.ts'));
  if (files.some((name) => !ran.has(basename(name)))) return [];
  const operations = await declaredOperations();
  const complaints = operations.flatMap((operation) => gapsOf(operation, facts));
  const text = render(operations, facts);
  if (process.env.COVERAGE === 'write') await writeFile(page, text);
  else if ((await readFile(page, 'utf8').catch(() => '')) !== text) {
    complaints.push('docs/COVERAGE.md is out of date: run `COVERAGE=write npm run compat` and read the change');
  }
  return complaints;
}

function outcomesOf(operation: DeclaredOperation, facts: readonly Fact[]) {
  const mine = facts.filter((fact) => 'operation' in fact && fact.operation === operation.name);
  return {
    members: new Set(mine.flatMap((fact) => (fact.kind === 'member' ? [fact.member] : []))),
    errors: new Set(mine.flatMap((fact) => (fact.kind === 'error' ? [fact.code] : []))),
    access: new Set(mine.flatMap((fact) => (fact.kind === 'access' ? [fact.who] : []))),
  };
}

export function gapsOf(operation: DeclaredOperation, facts: readonly Fact[]): string[] {
  const { members, errors, access } = outcomesOf(operation, facts);
  const gap = (what: string) => `${operation.name}: ${what}`;
  const who = ['alt', 'anonymous'] as const;
  return [
    ...operation.members.filter((member) => !members.has(member)).map((member) => gap(`${member} is never sent`)),
    ...operation.refused
      .filter((member) => !operation.members.includes(member))
      .map((member) => gap(`refuses ${member}, which the model does not have`)),
    ...operation.errors.filter((code) => !errors.has(code)).map((code) => gap(`${code} is never provoked`)),
    ...[...errors]
      .filter((code) => !operation.errors.includes(code) && !common.has(code))
      .map((code) => gap(`${code} was provoked but is not declared`)),
    ...who
      .filter((name) => !ownerless.has(operation.name) && !access.has(name))
      .map((name) => gap(`nobody asked as ${name}`)),
  ];
}

function render(operations: readonly DeclaredOperation[], facts: readonly Fact[]): string {
  const lines = [
    '# Coverage of the operations',
    '',
    'Generated by `COVERAGE=write npm run compat` from the declarations in `src/gateway/operations` and from what `test/s3-compat`',
    'really sent and received; a run fails when it differs. *Exercised*: a case sends the member and looks at what follows.',
    '*Accepted*: only the values shown, anything else is 501. *Refused*: 501 by name. Beside the errors shown, every operation on a',
    "bucket answers `AccessDenied` to another user and to nobody (ListBuckets: the caller's own list).",
    '',
  ];
  const list = (names: readonly string[]): string =>
    names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(', ');
  for (const operation of operations) {
    const { members, errors } = outcomesOf(operation, facts);
    const accepted = Object.entries(operation.accepts).map(([name, values]) => `${name} = ${values.join(' or ')}`);
    const plain = operation.members.filter(
      (name) => members.has(name) && !operation.refused.includes(name) && !(name in operation.accepts),
    );
    lines.push(`## ${operation.name}`, '', `- Exercised: ${list(plain)}`);
    if (accepted.length > 0) lines.push(`- Accepted: ${list(accepted)}`);
    if (operation.refused.length > 0) lines.push(`- Refused: ${list(operation.refused)}`);
    lines.push(`- Errors: ${list([...operation.errors].filter((code) => errors.has(code)).sort())}`, '');
  }
  return lines.join('\n');
}
