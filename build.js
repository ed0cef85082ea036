// `npm run build`: from `src` to `dist`. Node takes a good millisecond for each file that it finds, reads and compiles, and a worker is made of 330
// files of packages and 230 of ours: so what is always loaded together is one file, and a process is ready sooner.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { build } from 'rolldown';

/** What is started or loaded by its path keeps its place: the command, each process, the forecaster's thread, the simulator's, each operation. */
const placed =
  /^(cli\/cli|main\/[a-z]+-process|forecast\/adapters\/forecast-thread|sim\/sim-thread|gateway\/operations\/[^/]+)\.ts$/;
const entries = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => placed.test(name));

/** They load native code or WASM, or start threads, from files beside their own. */
const stayPackages = [/^lmdb$/, /^@bsull\//, /^@node-rs\//, /^pino$/];

const packageOf = (id) => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];

/** `import.meta.url` of a module of ours means its place in `src`, whatever file it lands in. */
const keepPlaces = {
  name: 'keep-places',
  transform(code, id) {
    if (packageOf(id) !== undefined || !code.includes('import.meta.url')) return null;
    const place = relative(resolve('src'), id).replace(/\.ts$/, '.js');
    return code.replaceAll('import.meta.url', `__placeOf(${JSON.stringify(place)})`);
  },
  renderChunk(code, chunk) {
    return code.replace(/__placeOf\("([^"]+)"\)/g, (_, place) => {
      const from = relative(dirname(chunk.fileName), place);
      return `new URL(${JSON.stringify(from.startsWith('.') ? from : `./${from}`)}, import.meta.url).href`;
    });
  },
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

rmSync('dist', { recursive: true, force: true });
await build({
  input: Object.fromEntries(entries.map((name) => [name.slice(0, -'.ts'.length), `src/${name}`])),
  platform: 'node',
  external: stayPackages,
  resolve: { mainFields: ['module', 'main'] },
  makeAbsoluteExternalsRelative: false,
  plugins: [keepPlaces, licences],
  output: {
    dir: 'dist',
    format: 'esm',
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: (chunk) => `${packageOf(chunk.moduleIds[0] ?? '') === undefined ? 'together' : 'vendor'}/[name].js`,
    codeSplitting: {
      groups: [{ debugName: 'package', test: /node_modules/, name: (id) => packageOf(id)?.replace('/', '+') ?? null }],
    },
  },
});
