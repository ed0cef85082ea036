// `npm run build`: `dist` has the shape of `src`, file by file, and every package that it imports comes as one file in `dist/vendor`. Node takes
// a good millisecond for each file that it resolves, reads and compiles, and a worker used to import 330 of packages': it is ready sooner.
import { readdirSync, readFileSync } from 'node:fs';
import { build } from 'rolldown';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** They load native code or WASM, or start threads, from files beside their own. */
const stayPackages = [/^lmdb$/, /^@bsull\//, /^@node-rs\//, /^pino$/];

const packageOf = (id) => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];

/** What is ours stays a file of its own. */
const keepShape = {
  name: 'keep-shape',
  resolveId: (source, importer) =>
    source.startsWith('.') && importer !== undefined && packageOf(importer) === undefined
      ? { id: source.replace(/\.ts$/, '.js'), external: true }
      : undefined,
};

/** Their licences ask to be kept with every copy. */
const licences = {
  name: 'licences',
  generateBundle(_, bundle) {
    const roots = new Map();
    for (const output of Object.values(bundle)) {
      for (const id of output.type === 'chunk' ? output.moduleIds : []) {
        const name = packageOf(id);
        if (name !== undefined)
          roots.set(name, id.slice(0, id.lastIndexOf(`/node_modules/${name}/`) + name.length + 14));
      }
    }
    const texts = [...roots].sort().map(([name, root]) => {
      const file = readdirSync(root).find((each) => /^licen[cs]e/i.test(each));
      const { license = 'see its repository' } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
      return `${name} (${license})\n\n${file === undefined ? '' : readFileSync(`${root}/${file}`, 'utf8').trim()}\n`;
    });
    this.emitFile({ type: 'asset', fileName: 'vendor/LICENSES.txt', source: texts.join(`\n${'-'.repeat(80)}\n`) });
  },
};

await build({
  input: Object.fromEntries(sources.map((name) => [name.slice(0, -'.ts'.length), `src/${name}`])),
  platform: 'node',
  external: stayPackages,
  makeAbsoluteExternalsRelative: false,
  preserveEntrySignatures: 'strict',
  plugins: [keepShape, licences],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'vendor/[name].js',
    codeSplitting: {
      groups: [{ debugName: 'package', test: /node_modules/, name: (id) => packageOf(id)?.replace('/', '+') ?? null }],
    },
  },
});
