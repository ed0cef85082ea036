// The house rules (docs/ARCHITECTURE.md): each a name, a reason and a pure check. Every rule has a fixture that breaks it.
import type { SourceFile } from './sources.ts';

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export interface Rule {
  readonly name: string;
  readonly because: string;
  readonly check: (files: readonly SourceFile[]) => Violation[];
}

/** Floors, lowest first. A file may import its own room and rooms on lower floors. */
const floors: readonly (readonly string[])[] = [
  ['base'],
  ['model'],
  ['pack', 'redis'],
  ['telemetry'],
  ['forecast', 'placement', 'echo'],
  ['catalog'],
  ['partition', 'echo/adapters'],
  ['objects'],
  ['placement/acts', 'echo/acts', 'upkeep'],
  ['gateway', 'pilot'],
  ['config', 'compose', 'admin', 'cli', 'main', 'sim'],
];
const topFloor = floors.length - 1;

/** Rooms where each file is its own door. */
const openRooms = new Set(['base', 'model', 'objects']);
/** Doors besides the file that bears the room's name, and the rooms that may use them. */
const sideDoors: readonly { readonly path: RegExp; readonly for: readonly string[] }[] = [
  {
    path: /^src\/catalog\/(keys|records\/[\w-]+)\.ts$/,
    for: ['objects', 'upkeep', 'placement/acts', 'echo/acts', 'echo/adapters', 'pilot'],
  },
  // Whoever chooses a copy looks at the health of who holds it; asking is by the port.
  { path: /^src\/partition\/health\.ts$/, for: ['objects'] },
];
/** May import any file: they put the house together. */
const composers = new Set(['compose', 'main']);

/** `src/echo/acts/keeper.ts` → `echo/acts`; `src/compose.ts` → `compose`. */
export function roomOf(path: string): string {
  const [, first = '', second = ''] = path.split('/');
  const nested = `${first}/${second}`;
  if (floors.some((floor) => floor.includes(nested))) return nested;
  return first.replace(/\.ts$/, '');
}

const floorOf = (room: string): number => floors.findIndex((floor) => floor.includes(room));

const inSrc = (files: readonly SourceFile[]) => files.filter((file) => file.path.startsWith('src/'));

const floorsRule: Rule = {
  name: 'imports go down',
  because: 'a room that knows only the floors below can be read, tested and replaced alone',
  check: (files) =>
    inSrc(files).flatMap((file) =>
      file.imports.flatMap((used) => {
        if (used.target === undefined) return [];
        const from = roomOf(file.path);
        const to = roomOf(used.target);
        if (from === to) return [];
        const [low, high] = [floorOf(to), floorOf(from)];
        if (high < 0) return [{ path: file.path, line: 1, what: `room "${from}" stands on no floor` }];
        if (low < high || (low === topFloor && high === topFloor)) return [];
        return [{ path: file.path, line: used.line, what: `${from} imports ${to} (${used.target})` }];
      }),
    ),
};

const doorsRule: Rule = {
  name: 'rooms are entered by their front door',
  because: 'opening a folder you know which file to read first: the one that bears its name',
  check: (files) =>
    inSrc(files).flatMap((file) =>
      file.imports.flatMap((used) => {
        const { target } = used;
        if (target === undefined) return [];
        const from = roomOf(file.path);
        const to = roomOf(target);
        if (from === to || openRooms.has(to) || composers.has(from) || composers.has(to)) return [];
        if (target === `src/${to}/${to.split('/').at(-1)}.ts`) return [];
        if (sideDoors.some((door) => door.path.test(target) && door.for.includes(from))) return [];
        return [{ path: file.path, line: used.line, what: `${from} enters ${to} by ${target}` }];
      }),
    ),
};

const adaptersRule: Rule = {
  name: 'only compose names adapters',
  because: 'a backend is one file and one line',
  check: (files) =>
    inSrc(files).flatMap((file) =>
      file.imports.flatMap((used) => {
        const room = used.target === undefined ? undefined : /^src\/(.+)\/adapters\//.exec(used.target)?.[1];
        if (room === undefined || file.path.startsWith(`src/${room}/`) || composers.has(roomOf(file.path))) return [];
        return [{ path: file.path, line: used.line, what: `names the adapter ${used.target}` }];
      }),
    ),
};

/** Packages that only some files may import, with the reason in the message. */
const guardedPackages: readonly { readonly name: RegExp; readonly allowed: RegExp; readonly why: string }[] = [
  {
    name: /^lmdb$/,
    allowed: /^src\/catalog\/adapters\/lmdb-mount\.ts$/,
    why: 'an environment is opened by one adapter alone',
  },
  {
    name: /^ioredis$/,
    allowed: /^src\/redis\//,
    why: 'its client costs start time: only for who has a Redis',
  },
  {
    name: /^@aws-sdk\/|^@smithy\//,
    allowed: /^src\/(gateway|partition\/adapters|cli)\//,
    why: 'the SDK costs 0.6 s and 94 MiB per process',
  },
  { name: /^fastify$/, allowed: /^src\/gateway\//, why: 'HTTP has one face' },
  { name: /^commander$/, allowed: /^src\/cli\//, why: 'arguments are read once' },
  {
    name: /^@bsull\//,
    allowed: /^src\/forecast\/adapters\//,
    why: 'WASM is loaded once per thread, and only by who wants it',
  },
  { name: /^croner$/, allowed: /^src\/model\/cron-times\.ts$/, why: 'one place knows what a cron expression means' },
  { name: /^undici$/, allowed: /^src\/partition\/adapters\//, why: 'block traffic has one client' },
];

const packagesRule: Rule = {
  name: 'guarded packages',
  because: 'a library has one place where it is used, so it can be replaced there',
  check: (files) =>
    inSrc(files).flatMap((file) =>
      file.imports.flatMap((used) =>
        guardedPackages
          .filter((guard) => guard.name.test(used.from) && !guard.allowed.test(file.path))
          .map((guard) => ({ path: file.path, line: used.line, what: `imports ${used.from}: ${guard.why}` })),
      ),
    ),
};

const pureFolder = /^src\/(forecast|placement|echo|pack|model)\/[\w-]+\.ts$/;
const impure: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/, 'time is an argument (base/clock.ts)'],
  [/\bMath\.random\b|\brandomBytes\b|\brandomUUID\b/, 'chance is an argument (base/random.ts)'],
  [/\basync\b|\bawait\b|\bnew Promise\b/, 'decisions are synchronous; acts and adapters wait'],
  [/\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b/, 'no timers in decisions'],
  [/\bprocess\./, 'no process in decisions'],
];

const purityRule: Rule = {
  name: 'decisions are pure',
  because: 'planners return values and do no I/O, so a day can be replayed from its inputs',
  check: (files) =>
    files
      .filter((file) => pureFolder.test(file.path))
      .flatMap((file) => [
        ...file.imports
          .filter((used) => used.from.startsWith('node:'))
          .map((used) => ({ path: file.path, line: used.line, what: `imports ${used.from}` })),
        ...linesMatching(file, impure),
      ]),
};

const clockRule: Rule = {
  name: 'time and chance are arguments',
  because: 'a function that needs now or luck takes a clock or random, so that tests and the simulator can give them',
  check: (files) =>
    inSrc(files)
      .filter((file) => !/^src\/(base\/(clock|random)|compose|main)\.ts$|^src\/(cli|config|admin)\//.test(file.path))
      .flatMap((file) =>
        linesMatching(file, [
          [/\bDate\.now\(/, 'use clock.wallMs()'],
          [/\bMath\.random\(/, 'use random.bytes()'],
        ]),
      ),
};

const environmentRule: Rule = {
  name: 'environment is read once',
  because: 'settings that hide in process.env cannot be validated, shown or reloaded',
  check: (files) =>
    inSrc(files)
      .filter((file) => !/^src\/(config|cli)\/|^src\/(main|compose)\.ts$/.test(file.path))
      .flatMap((file) => linesMatching(file, [[/\bprocess\.env\b/, 'receive the value from config']])),
};

const consoleRule: Rule = {
  name: 'only the command line prints',
  because: 'servers log through one logger that redacts',
  check: (files) =>
    inSrc(files)
      .filter((file) => !/^src\/cli\//.test(file.path))
      .flatMap((file) => linesMatching(file, [[/\bconsole\.\w+\(/, 'use the logger']])),
};

const openingRule: Rule = {
  name: 'a file says why it exists',
  because: 'the first line is what a stranger reads',
  check: (files) =>
    inSrc(files)
      .filter((file) => !/^(#!.*\n)?\s*(\/\/|\/\*)/.test(file.text))
      .map((file) => ({ path: file.path, line: 1, what: 'opens without a comment' })),
};

const namesRule: Rule = {
  name: 'files are kebab-case',
  because: 'a file is the kebab-case of its one main export',
  check: (files) =>
    files
      .filter((file) => !/\/[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract|case|bench|config))?\.ts$/.test(file.path))
      .map((file) => ({ path: file.path, line: 1, what: 'is not kebab-case' })),
};

const leftoversRule: Rule = {
  name: 'nothing is left for later in the code',
  because: 'work that waits belongs in an issue; a skipped test is a claim nobody checks',
  check: (files) =>
    files.flatMap((file) => [
      ...linesMatching(file, [[/\b(TODO|FIXME|XXX|HACK)\b/, 'file an issue instead']], (source) => source.text),
      ...linesMatching(file, [[/\b(it|test|describe)\.(skip|only|todo|fails)\b/, 'no skipped or focused test']]),
    ]),
};

/** Lines that a file may have, unless it is listed with what it has today: listed files may shrink, not grow. */
const linesMax = 230;
const tallFiles: Readonly<Record<string, number>> = {
  'src/main.ts': 302, // the supervisor is one state machine
  'src/objects/objects.ts': 252, // the port of all stories
  'src/partition/adapters/directory-partition.ts': 235,
};

const sizesRule: Rule = {
  name: 'files stay small',
  because:
    'a file that holds one thing is read whole; a ratchet stops creeping growth without forbidding a reasoned exception',
  check: (files) =>
    inSrc(files).flatMap((file) => {
      const lines = file.text.split('\n').length - 1;
      const max = tallFiles[file.path] ?? linesMax;
      return lines > max ? [{ path: file.path, line: max, what: `${lines} lines, at most ${max}` }] : [];
    }),
};

/** Every file under src is reachable from an entry point by imports, so nothing dead stays. */
const deadRule: Rule = {
  name: 'no dead files',
  because: 'a file that nothing imports is not part of the product',
  check: (files) => {
    const sources = inSrc(files);
    const byPath = new Map(sources.map((file) => [file.path, file]));
    const reached = new Set<string>();
    const visit = (path: string): void => {
      const file = byPath.get(path);
      if (file === undefined || reached.has(path)) return;
      reached.add(path);
      for (const used of file.imports) if (used.target !== undefined) visit(used.target);
    };
    for (const file of sources) if (entryPoint.test(file.path)) visit(file.path);
    return sources
      .filter((file) => !reached.has(file.path))
      .map((file) => ({ path: file.path, line: 1, what: 'is imported by nothing' }));
  },
};

/** Started by name rather than imported: processes, operations collected from their folder; wrappers wait for tests and simulator too. */
const entryPoint = /^src\/(main|cli\/cli|gateway\/operations\/[\w-]+|\w+\/[\w-]*process|\w+\/wrappers\/[\w-]+)\.ts$/;

/** Each crash point lies at one place, so that its name says where; a name that nothing reaches would be a trial of nothing. */
const crashPointsRule: Rule = {
  name: 'each crash point is reached from one place',
  because: 'a crash that is tried by name must be that crash and no other',
  check: (files) => {
    const table = files.find((file) => file.path === 'src/base/crash-points.ts');
    const names = [...(table?.text ?? '').matchAll(/^ {2}'([^']+)':/gm)].map(([, name]) => name!);
    const reaches = inSrc(files)
      .filter((file) => file !== table)
      .flatMap((file) =>
        file.text.split('\n').flatMap((line, at) =>
          [...line.matchAll(/\breached\(([^)]*)\)/g)].map(([, argument = '']) => ({
            path: file.path,
            line: at + 1,
            name: /^'([^']+)'$/.exec(argument)?.[1],
          })),
        ),
      );
    const places = (name: string): number => reaches.filter((reach) => reach.name === name).length;
    return [
      ...reaches
        .filter(({ name }) => name === undefined || !names.includes(name))
        .map(({ path, line, name }) => ({ path, line, what: `reaches ${name ?? 'what is not a plain name'}` })),
      ...names
        .filter((name) => places(name) !== 1)
        .map((name) => ({ path: table!.path, line: 1, what: `"${name}" is reached from ${places(name)} places` })),
    ];
  },
};

export const rules: readonly Rule[] = [
  floorsRule,
  doorsRule,
  adaptersRule,
  packagesRule,
  purityRule,
  clockRule,
  environmentRule,
  consoleRule,
  openingRule,
  namesRule,
  leftoversRule,
  sizesRule,
  deadRule,
  crashPointsRule,
];

function linesMatching(
  file: SourceFile,
  patterns: readonly (readonly [RegExp, string])[],
  textOf: (file: SourceFile) => string = (source) => source.code,
): Violation[] {
  return textOf(file)
    .split('\n')
    .flatMap((line, at) =>
      patterns
        .filter(([pattern]) => pattern.test(line))
        .map(([pattern, instead]) => ({
          path: file.path,
          line: at + 1,
          what: `${pattern.exec(line)![0]}: ${instead}`,
        })),
    );
}
