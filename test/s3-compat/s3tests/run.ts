// `npm run compat:s3tests`: ceph/s3-tests against a fresh echogate, judged by the three lists beside this file.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../support/server.ts';
import { readArguments } from './arguments.ts';
import { judge, readLists, writeLists } from './lists.ts';
import { pythonFor, runPytest } from './pytest.ts';

const root = process.cwd();
const args = readArguments(process.argv.slice(2));
const folder = join(root, 'test/s3-compat/s3tests');
const work = mkdtempSync(join(tmpdir(), 'echogate-s3tests-'));
mkdirSync(join(work, 'data'));

const conf = join(work, 's3tests.conf');
const sample = readFileSync(join(root, 'test/s3-compat/s3tests.conf'), 'utf8');
writeFileSync(conf, args.tls ? sample.replace('is_secure = False', 'is_secure = True') : sample);

const tls = join(root, 'test/support/tls');
const server = await startServer({
  args: [
    ...['serve', '--config', join(root, 'test/s3-compat/s3tests.echogate.yaml'), '--data', join(work, 'data')],
    ...(args.tls ? ['--tls-cert', join(tls, 'cert.pem'), '--tls-key', join(tls, 'key.pem')] : []),
  ],
  adminUrl: 'http://127.0.0.1:8001',
});
try {
  const python = pythonFor(args.suite, join(root, '.cache'));
  const outcomes = await runPytest(python, conf, args, join(work, 'report.xml'));
  const lane = args.tls ? 'https' : 'http';
  const lists = readLists(folder, args.set, lane);
  const verdict = judge(outcomes, lists);
  console.log(
    `${args.set} over ${lane}: ${verdict.passed} of ${outcomes.size} pass, ${verdict.failed} fail, ${verdict.skipped} skipped`,
  );
  if (args.json !== undefined) {
    writeFileSync(
      args.json,
      `${JSON.stringify({ set: args.set, tls: args.tls, ...verdict, outcomes: Object.fromEntries(outcomes) }, null, 2)}\n`,
    );
  }
  if (args.update) writeLists(folder, args.set, outcomes, lists);
  else if (args.only === undefined) {
    const wrong = (['broken', 'promoted', 'unlisted', 'vanished'] as const).filter((kind) => verdict[kind].length > 0);
    for (const kind of wrong) console.log(`${kind}:\n  ${verdict[kind].join('\n  ')}`);
    process.exitCode = wrong.length > 0 ? 1 : 0;
  }
} finally {
  await server.stop();
  rmSync(work, { recursive: true, force: true });
}
