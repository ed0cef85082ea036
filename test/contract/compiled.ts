// Child processes of the contract suites run plain JavaScript: compiles one TypeScript file and what it imports into a
// directory under the system's temporary folder. Needs nothing but `npm ci`.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

export interface Compiled {
  /** The JavaScript file to run. */
  readonly file: string;
  remove(): void;
}

/** `source`: path from the repository's root. */
export async function compiled(source: string): Promise<Compiled> {
  const folder = mkdtempSync(join(tmpdir(), 'echogate-compiled-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const project = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: false, noCheck: true, rootDir: root, outDir: join(folder, 'out') },
      files: [join(root, source)],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [compiler, '-p', folder]);
    return { file: join(folder, 'out', source.replace(/\.ts$/, '.js')), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
