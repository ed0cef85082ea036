// Runs the suite's pytest in an environment of its own and reads what became of each case.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Arguments, sets } from './arguments.ts';
import type { Outcome } from './lists.ts';

/** A virtual environment with the suite's requirements, made once in `.cache`. Returns its python. */
export function pythonFor(suite: string, cache: string): string {
  const home = join(cache, 's3tests-python');
  const python = join(home, 'bin', 'python');
  const ready = join(home, 'ready');
  if (existsSync(ready)) return python;
  mkdirSync(cache, { recursive: true });
  process.stderr.write(`making a Python environment in ${home} (once)\n`);
  must('python3', ['-m', 'venv', home]);
  must(python, ['-m', 'pip', 'install', '--quiet', '-r', join(suite, 'requirements.txt')]);
  writeFileSync(ready, '');
  return python;
}

function must(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (done.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: exit ${done.status ?? done.signal ?? done.error}`);
}

export async function runPytest(
  python: string,
  conf: string,
  args: Arguments,
  report: string,
): Promise<ReadonlyMap<string, Outcome>> {
  const set = sets[args.set];
  const filter = [
    ...(set.deselect ?? []).map((name) => `not ${name}`),
    ...(args.only === undefined ? [] : [args.only]),
  ];
  const child = spawn(
    python,
    [
      ...['-m', 'pytest', '-q', '--tb=short', '-p', 'no:cacheprovider', `--junitxml=${report}`],
      ...(set.marks === undefined ? [] : ['-m', set.marks]),
      ...(filter.length === 0 ? [] : ['-k', filter.join(' and ')]),
      ...set.files.map((file) => `s3tests/functional/${file}`),
    ],
    {
      cwd: args.suite,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        S3TEST_CONF: resolve(conf),
        AWS_MAX_ATTEMPTS: '1',
        PYTHONWARNINGS: 'ignore',
        AWS_EC2_METADATA_DISABLED: 'true',
        // One case opens its own socket and, unlike the rest, trusts only what Python trusts.
        ...(args.tls ? { SSL_CERT_FILE: resolve('test/support/tls/cert.pem') } : {}),
      },
    },
  );
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  // 0 all passed, 1 some failed; anything else means that the suite itself did not run.
  if (code !== 0 && code !== 1) throw new Error(`pytest ended with ${code}`);
  return outcomesOf(readFileSync(report, 'utf8'));
}

/** JUnit XML → `test_s3.py::test_case[param]` → outcome. A case with an error in its teardown counts as failed. */
export function outcomesOf(xml: string): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const match of xml.matchAll(/<testcase ([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const attribute = (name: string) => unescaped(new RegExp(`\\b${name}="([^"]*)"`).exec(match[1]!)?.[1] ?? '');
    const name = `${attribute('classname').split('.').at(-1)}.py::${attribute('name')}`;
    const inside = match[3] ?? '';
    const outcome = /<(failure|error)\b/.test(inside) ? 'failed' : /<skipped\b/.test(inside) ? 'skipped' : 'passed';
    if (outcomes.get(name) !== 'failed') outcomes.set(name, outcome);
  }
  return outcomes;
}

const unescaped = (text: string): string =>
  text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: `'` })[name] ?? '&',
  );
