// Adds up V8 CPU profiles: time by function and by file, its own and with everything called from it.
import { readFileSync } from 'node:fs';

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly Node[];
  /** Ids of nodes, one per sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export interface Spent {
  readonly name: string;
  selfMicros: number;
  totalMicros: number;
}

export interface Summary {
  readonly functions: readonly Spent[];
  readonly files: readonly Spent[];
  readonly busyMicros: number;
  readonly idleMicros: number;
}

export function sumProfiles(profiles: readonly CpuProfile[]): Summary {
  const functions = new Map<string, Spent>();
  const files = new Map<string, Spent>();
  let busyMicros = 0;
  let idleMicros = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const self = new Map<number, number>();
    for (const [at, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + Math.max(0, timeDeltas[at] ?? 0));
    const byId = new Map(nodes.map((node) => [node.id, node]));

    /** Names above in the stack are counted once, however often they call themselves. */
    const walk = (node: Node, above: ReadonlySet<string>, caller: string): number => {
      const { functionName, url } = node.callFrame;
      if (functionName === 'dispatch' && url === '') return 0; // the profiler itself
      const own = self.get(node.id) ?? 0;
      if (functionName === '(idle)') {
        idleMicros += own;
        return 0;
      }
      const { file } = placeOf(node);
      const name = nameOf(node, caller);
      const inside = new Set([...above, name, file]);
      const called = (node.children ?? []).reduce((sum, child) => sum + walk(byId.get(child)!, inside, name), 0);
      busyMicros += own;
      for (const [where, key] of [entry(functions, name), entry(files, file)]) {
        const spent = where.get(key) ?? { name: key === '' ? '(the engine)' : key, selfMicros: 0, totalMicros: 0 };
        where.set(key, spent);
        spent.selfMicros += own;
        if (!above.has(key)) spent.totalMicros += own + called;
      }
      return own + called;
    };
    const [root] = nodes;
    if (root !== undefined) walk(root, new Set(), '');
  }
  const dearest = (spent: Map<string, Spent>): Spent[] =>
    [...spent.values()].sort((a, b) => b.selfMicros - a.selfMicros);
  return { functions: dearest(functions), files: dearest(files), busyMicros, idleMicros };
}

const entry = (where: Map<string, Spent>, key: string): readonly [Map<string, Spent>, string] => [where, key];

/** What has no file is native, and says little without who called it. */
function nameOf(node: Node, caller: string): string {
  const { functionName } = node.callFrame;
  const { file, line } = placeOf(node);
  if (file !== '') return `${functionName || '(anonymous)'}  ${file}:${line}`;
  if (functionName.startsWith('(')) return functionName;
  return `${functionName || '(native)'} ← ${caller.split(' ← ').at(-1)}`;
}

interface Place {
  /** `src/gateway/serve.ts`, `lmdb/write.js`, `node:_http_server`; empty for what is native. */
  readonly file: string;
  /** From 1; as compiled, without comments and types. */
  readonly line: number;
}

function placeOf({ callFrame: { url, lineNumber } }: Node): Place {
  const path = url.replace(/^file:\/\//, '');
  const line = lineNumber + 1;
  const inPackage = path.lastIndexOf('/node_modules/');
  if (inPackage >= 0) return { file: path.slice(inPackage + '/node_modules/'.length), line };
  const inDist = path.lastIndexOf('/dist/');
  return inDist < 0 ? { file: path, line } : (sourceAt(path, lineNumber) ?? { file: path.slice(inDist + 1), line });
}

const marksOf = new Map<string, readonly (readonly [line: number, source: string])[]>();

/** The build puts many sources into one file and says above each of them where it came from. */
function sourceAt(path: string, line: number): Place | undefined {
  let marks = marksOf.get(path);
  if (marks === undefined) {
    marks = readLines(path).flatMap((text, at) => {
      const source = /^\/\/(?:#region)? (?:node_modules\/)?([^ ]+\.[cm]?[jt]s)$/.exec(text)?.[1];
      return source === undefined ? [] : [[at, source] as const];
    });
    marksOf.set(path, marks);
  }
  const mark = marks.findLast(([at]) => at <= line);
  return mark === undefined ? undefined : { file: mark[1], line: line - mark[0] };
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
