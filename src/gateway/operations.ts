// The table of operations, collected from the folder: one file, one operation, no list to keep.
import { readdir } from 'node:fs/promises';
import type { Operation } from './operation.ts';
import { type Codec, operationName, type Protocol } from './protocol/protocol.ts';

export interface BuiltOperation {
  readonly operation: Operation;
  readonly codec: Codec;
}

export type OperationTable = ReadonlyMap<string, BuiltOperation>;

/** Every default export of `operations/`. */
export async function loadOperations(): Promise<Operation[]> {
  const folder = new URL('./operations/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^[a-z0-9-]+\.[jt]s$/.test(file)).sort();
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, folder).href) as Promise<{ default?: Operation }>),
  );
  return modules.map(({ default: operation }, at) => {
    if (!operation) throw new Error(`operations/${files[at]} exports no operation`);
    return operation;
  });
}

/** Compiles each operation's codec; fails at start where a file names what the model does not have. */
export function tableOf(operations: readonly Operation[], protocol: Protocol): OperationTable {
  const table = new Map<string, BuiltOperation>();
  for (const operation of operations) {
    const name = operationName(operation.command);
    if (table.has(name)) throw new Error(`${name} is built twice`);
    table.set(name, { operation, codec: protocol.codec(name, operation) });
  }
  return table;
}
