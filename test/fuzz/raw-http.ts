// Bytes that no client should send, to a real server: garbage, requests hidden in requests, valid requests with a few bytes changed, and
// valid ones in one breath, all cut at random places.
import { chanceOf } from '../support/chance.ts';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { converse, cutAt, type Heard } from './support/converse.ts';
import { malformedRequest } from './support/malformed.ts';
import { watchMemory } from './support/memory.ts';
import { mutateBytes } from './support/mutate.ts';
import { breathOf, prepare, validRequest } from './support/raw-stage.ts';
import { codeOf } from './support/requests.ts';
import { serveFuzzed } from './support/served.ts';
import { smuggles } from './support/smuggling.ts';
import { inLanes, ofMany, Tally } from './support/tally.ts';

const lanes = 24;

export const rawHttp: Trial = {
  name: 'raw-http',
  promise: 'Whatever bytes come, each request gets one answer or the end of its connection, and none hides another',
  full: { requests: 50_000 },
  short: { requests: 1_500 },
  run,
};

async function run({ requests = 0 }: Volumes, tools: TrialTools): Promise<Verdict> {
  const chance = chanceOf(tools.random);
  const server = await serveFuzzed(tools.dir);
  try {
    const stage = await prepare(server, lanes);
    const before = await server.workers();
    const memory = watchMemory(server);
    const tally = new Tally();
    let form = 0;
    const startedMs = Date.now();
    await inLanes(
      lanes,
      requests,
      async (_turn, lane) => {
        const kind = chance.below(100);
        if (kind < 45) await sayMalformed(malformedRequest(chance));
        else if (kind < 70) await sayMutated(mutateBytes(validRequest(stage, lane, chance), chance));
        else if (kind < 85) await sayBreath(lane);
        else await saySmuggled(form++, lane);
      },
      tools.say,
    );
    const seconds = (Date.now() - startedMs) / 1000;

    function pieces(bytes: Buffer): Buffer[] {
      if (chance.flip(0.4)) return [bytes];
      return cutAt(
        bytes,
        Array.from({ length: 1 + chance.below(4) }, () => chance.below(bytes.length)),
      );
    }
    /** What holds for every conversation. */
    function judge(kind: string, heard: Heard, bytes: Buffer): void {
      tally.add(kind);
      tally.add('answers', heard.answers.length);
      const quoted = JSON.stringify(bytes.toString('latin1'));
      if (heard.hung) tally.fail('hang', `${kind}: ${quoted}`);
      // What could not be read as a request is answered in full, even where it began with HEAD.
      const isToHead = heard.answers.at(-1)?.status === 400 && heard.rest.endsWith('</Error>');
      if (heard.rest !== '' && !isToHead) tally.fail('half an answer', `${heard.rest} to ${quoted}`);
      for (const answer of heard.answers) {
        tally.add(`status ${answer.status}`);
        if (answer.status >= 500 && answer.status !== 501)
          tally.fail('5xx', `${answer.status} ${answer.body} to ${quoted}`);
        if (answer.status >= 400 && answer.body !== '' && codeOf(answer) === undefined) {
          tally.fail('an error that is not of S3', `${answer.status} ${answer.body} to ${quoted}`);
        }
      }
    }

    async function sayMalformed(text: string): Promise<void> {
      const bytes = Buffer.from(text, 'latin1');
      const heard = await converse(server.port, pieces(bytes), { methods: [text.slice(0, text.indexOf(' '))] });
      judge('malformed', heard, bytes);
      if (heard.answers.length > 1) tally.fail('more answers than requests', JSON.stringify(text));
    }

    async function sayMutated(bytes: Buffer): Promise<void> {
      const method = bytes.toString('latin1', 0, bytes.indexOf(' '));
      judge('valid with bytes changed', await converse(server.port, pieces(bytes), { methods: [method] }), bytes);
    }

    async function sayBreath(lane: number): Promise<void> {
      const breath = breathOf(stage, lane, chance);
      const bytes = Buffer.concat(breath.map((each) => each.bytes));
      const methods = breath.map((each) => each.method);
      const heard = await converse(server.port, pieces(bytes), { methods, answers: breath.length });
      judge('valid in one breath', heard, bytes);
      tally.add('requests in breaths', breath.length);
      const got = heard.answers.map(({ status, body }, at) =>
        methods[at] === 'GET' ? `${status} ${body}` : `${status}`,
      );
      const due = breath.map((each) => each.due);
      const same = got.length === due.length && got.every((one, at) => one.startsWith(due[at]!));
      if (!same)
        tally.fail('answers are not those of the requests', `${JSON.stringify(got)} instead of ${JSON.stringify(due)}`);
    }

    async function saySmuggled(turn: number, lane: number): Promise<void> {
      const { name, bytes: make } = smuggles[turn % smuggles.length]!;
      const hidden = stage.hidden(lane, Math.floor(turn / smuggles.length));
      const bytes = make(hidden, server.authority);
      const method = bytes.toString('latin1', 0, bytes.indexOf(' '));
      const heard = await converse(server.port, pieces(bytes), { methods: [method] });
      judge('hidden requests', heard, bytes);
      if (heard.answers.length > 1)
        tally.fail('more answers than requests', `${name}: ${JSON.stringify(heard.answers)}`);
      if (!(await stage.canaryLives(lane))) tally.fail('a hidden request was done', name);
    }

    const { figures, broken } = await memory.end();
    const after = await server.workers();
    if (String(after) !== String(before)) tally.fail('crash', `workers ${before} are now ${after}`);
    for (const line of server.complaints()) tally.fail('error in the log', line);
    const all = requests;
    return {
      figures: [
        ['conversations', `${all.toLocaleString('en')} on ${lanes} lanes, ${(all / seconds).toFixed(0)} a second`],
        [
          'malformed · changed · in one breath · hidden',
          ['malformed', 'valid with bytes changed', 'valid in one breath', 'hidden requests']
            .map((kind) => tally.of(kind).toLocaleString('en'))
            .join(' · '),
        ],
        ['forms of hiding', `${smuggles.length}`],
        ['crashes', ofMany(tally.failed('crash'), all)],
        ['hangs', ofMany(tally.failed('hang'), all)],
        ['5xx but 501', ofMany(tally.failed('5xx'), tally.of('answers'))],
        ['hidden requests done', ofMany(tally.failed('a hidden request was done'), tally.of('hidden requests'))],
        [
          'breaths whose answers are not those of their requests',
          ofMany(tally.failed('answers are not those of the requests'), tally.of('valid in one breath')),
        ],
        ['answers by status', tally.listed('status ')],
        ...figures,
      ],
      broken: [...tally.broken, ...broken],
    };
  } finally {
    await server.stop();
  }
}
