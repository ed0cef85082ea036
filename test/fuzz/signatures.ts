// Requests signed by the SDK's signer, in headers and in URLs, and a copy of each with one field changed: over HTTP, to a real server.
// Everybody may do everything here, so that nothing but the signature stands between a changed request and its effect.
import { chanceOf } from '../support/chance.ts';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import type { RawAnswer } from '../unit/gateway/raw-client.ts';
import { signDraft, targetOf, type Wire } from '../unit/gateway/signing.ts';
import { codeOf, Line } from './support/requests.ts';
import { owner, serveFuzzed } from './support/served.ts';
import { mutants } from './support/signature-mutants.ts';
import { bucket, knownKeys, signedDraft } from './support/signed-drafts.ts';
import { inLanes, ofMany, Tally } from './support/tally.ts';

const lanes = 16;
const names = Object.keys(mutants);

export const signatures: Trial = {
  name: 'signatures',
  promise: 'What was signed is done, and what differs from it in anything is refused',
  full: { mutants: 50_000 },
  short: { mutants: 2_000 },
  run,
};

/** A length, because a body's end must be known; signers leave it out. */
function bytesOf(wire: Wire): Buffer {
  const lines = [...wire.headers, ['content-length', '0'] as const].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${wire.method} ${targetOf(wire)} HTTP/1.1\r\n${lines.join('')}\r\n`, 'utf8');
}

/** It came past the signature: done, or looked for and not found. */
const cameThrough = (answer: RawAnswer): boolean =>
  answer.status < 400 || answer.status === 404 || (answer.status >= 500 && answer.status !== 501);

async function run({ mutants: count = 0 }: Volumes, tools: TrialTools): Promise<Verdict> {
  const chance = chanceOf(tools.random);
  const server = await serveFuzzed(tools.dir);
  try {
    const everybody = 'uri="http://acs.amazonaws.com/groups/global/AuthenticatedUsers"';
    const grant = { 'x-amz-grant-full-control': everybody };
    const first = new Line(server.port);
    await first.must(200, { method: 'PUT', target: `/${bucket}`, headers: grant, user: owner });
    for (const key of knownKeys) {
      const target = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
      await first.must(200, { method: 'PUT', target, headers: grant, body: key, user: owner });
    }
    first.close();
    const tally = new Tally();
    const lines = Array.from({ length: lanes }, () => new Line(server.port));
    const startedMs = Date.now();
    await inLanes(
      lanes,
      count,
      async (_turn, lane) => {
        const draft = signedDraft(chance, Date.now());
        const wire = await signDraft(draft);
        if (chance.flip(0.5)) wire.query.reverse();
        const honest = await lines[lane]!.exchange([bytesOf(wire)], wire.method);
        tally.add(`valid ${honest.status}`);
        if (honest.status < 400 || codeOf(honest) === 'NoSuchKey') tally.add('accepted');
        else tally.fail('false refusal', `${honest.status} ${honest.body} to ${bytesOf(wire)}`);

        // Not every change fits every request (no query to change, not presigned): of those that do the one that was tried least.
        const tries = new Map(names.map((each) => [each, tally.of(`kind ${each}`)]));
        let name = '';
        let mutant: ReturnType<(typeof mutants)[string]>;
        for (name of [...names].sort((a, b) => tries.get(a)! - tries.get(b)!)) {
          mutant = mutants[name]!(wire, chance, draft);
          if (mutant) break;
        }
        if (!mutant) throw new Error('no change fits this request');
        const answer = await lines[lane]!.exchange([bytesOf(mutant)], mutant.method);
        tally.add(`mutant ${codeOf(answer) ?? answer.status}`);
        tally.add(`kind ${name}`);
        if (cameThrough(answer)) {
          tally.fail(
            `false accept (${name})`,
            `${answer.status} ${answer.body} to ${bytesOf(mutant)} made of ${bytesOf(wire)}`,
          );
          tally.add('false accepts');
        }
      },
      tools.say,
    );
    const seconds = (Date.now() - startedMs) / 1000;
    for (const line of lines) line.close();
    for (const line of server.complaints()) tally.fail('error in the log', line);
    const least = Math.min(...names.map((name) => tally.of(`kind ${name}`)));
    if (least < count / names.length / 4) tally.fail('a kind of change was hardly tried', tally.listed('kind ', 100));
    return {
      figures: [
        [
          'requests',
          `${(2 * count).toLocaleString('en')} on ${lanes} connections, ${((2 * count) / seconds).toFixed(0)} a second`,
        ],
        ['valid ones accepted', ofMany(tally.of('accepted'), count)],
        ['changed ones accepted', ofMany(tally.of('false accepts'), count)],
        ['kinds of change', `${names.length}, each ${least} times or more`],
        ['answers to valid ones', tally.listed('valid ')],
        ['answers to changed ones', tally.listed('mutant ')],
      ],
      broken: tally.broken,
    };
  } finally {
    await server.stop();
  }
}
