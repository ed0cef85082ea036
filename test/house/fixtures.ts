// For each house rule a small tree that breaks it: a rule that no longer bites fails its own fixture.
export const fixtures: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'imports go down': {
    'src/catalog/catalog.ts': `// c\nimport { Objects } from '../objects/objects.ts';\n`,
    'src/objects/objects.ts': '// o\n',
  },
  'rooms are entered by their front door': {
    'src/gateway/gateway.ts': `// g\nimport { rows } from '../partition/wrappers/measured-partition.ts';\n`,
  },
  'only compose names adapters': {
    'src/cli/cli.ts': `// c\nconst { open } = await import('../catalog/adapters/lmdb-catalog.ts');\n`,
  },
  'guarded packages': { 'src/objects/read-object.ts': `// r\nimport { open } from 'lmdb';\n` },
  'decisions are pure': { 'src/echo/choose-copy.ts': '// c\nexport const at = () => performance.now();\n' },
  'time and chance are arguments': { 'src/objects/sequence.ts': '// s\nexport const now = () => Date.now();\n' },
  'environment is read once': { 'src/upkeep/collector.ts': '// c\nexport const slow = process.env.SLOW;\n' },
  'only the command line prints': { 'src/objects/read-object.ts': `// r\nconsole.log('here');\n` },
  'a file says why it exists': { 'src/base/units.ts': 'export const KiB = 1024;\n' },
  'files are kebab-case': { 'src/base/byteRange.ts': '// b\n' },
  'nothing is left for later in the code': { 'test/unit/a.test.ts': `it.skip('later', () => {});\n` },
  'files stay small': { 'src/objects/everything.ts': `// e\n${'export {};\n'.repeat(400)}` },
  'each crash point is reached from one place': {
    'src/base/crash-points.ts': `// c\nexport const crashPoints = {\n  'put: here': 'x',\n};\n`,
    'src/objects/write-object.ts': `// w\nreached('put: there');\n`,
  },
  'no dead files': { 'src/main.ts': '// m\n', 'src/base/forgotten.ts': '// f\n' },
};
