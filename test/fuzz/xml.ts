// Signed requests whose XML is written in every way that means the same, in ways that mean nothing, and with bytes changed: each gets the
// right answer, and a refused one changes nothing.
import { chanceOf } from '../support/chance.ts';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { watchMemory } from './support/memory.ts';
import { codeOf, Line } from './support/requests.ts';
import { owner, serveFuzzed } from './support/served.ts';
import { inLanes, ofMany, Tally } from './support/tally.ts';
import { md5, openLane, type Subject, subjects } from './support/xml-subjects.ts';
import { twists } from './support/xml-twists.ts';

const lanes = 12;

export const xml: Trial = {
  name: 'xml',
  promise:
    'A document is taken by what it means however it is written, refused where it means nothing, and then changes nothing',
  full: { bodies: 50_000 },
  short: { bodies: 1_600 },
  run,
};

async function run({ bodies = 0 }: Volumes, tools: TrialTools): Promise<Verdict> {
  const chance = chanceOf(tools.random);
  const server = await serveFuzzed(tools.dir);
  try {
    const tally = new Tally();
    const stage = await Promise.all(Array.from({ length: lanes }, (_, at) => openLane(new Line(server.port), at)));
    const standing = stage.map(() => new Map<Subject, string>());
    const memory = watchMemory(server);
    let slowestMs = 0;
    const startedMs = Date.now();
    await inLanes(
      lanes,
      bodies,
      async (turn, at) => {
        const lane = stage[at]!;
        const subject = subjects[turn % subjects.length]!;
        const twist = twists[Math.floor(turn / subjects.length) % twists.length]!;
        const good = subject.good(chance, lane);
        const made = twist.make(good.root, chance, subject.bytesMax);
        if (made === undefined) return;
        const body = Buffer.from(made);
        const before = standing[at]!.get(subject) ?? (await subject.look(lane));
        const sentMs = performance.now();
        const headers: Record<string, string> = subject.name === 'delete' ? { 'content-md5': md5(body) } : {};
        const answer = await lane.line.ask({
          method: subject.method, target: subject.target(lane), headers, body, user: owner,
        }); // biome-ignore format: fields
        slowestMs = Math.max(slowestMs, performance.now() - sentMs);
        const code = codeOf(answer);
        const isDone = answer.status < 400 && code === undefined;
        tally.add('bodies');
        tally.add(`verdict ${twist.verdict}`);
        tally.add(`code ${code ?? answer.status}`);
        const said = `${answer.status} ${code ?? ''} to ${subject.name}, ${twist.name}: ${JSON.stringify(body.toString('latin1').slice(0, 600))}`;
        if (answer.status >= 500 && answer.status !== 501) tally.fail('5xx', said);

        if (twist.verdict === 'same') {
          if (good.code === undefined ? !isDone : code !== good.code) tally.fail('a good document was not taken', said);
        } else if (twist.verdict === 'anything') {
          if (!isDone && code !== subject.malformed && !subject.codes.includes(code ?? ''))
            tally.fail('an answer of another kind', said);
        } else {
          const due = twist.verdict === 'malformed' ? subject.malformed : 'MaxMessageLengthExceeded';
          if (code !== due)
            tally.fail(isDone ? 'a bad document was taken' : 'the wrong error', `${due} is due: ${said}`);
        }

        const after = await subject.look(lane);
        if (!isDone && after !== before)
          tally.fail('a refused document changed something', `${before} became ${after}: ${said}`);
        if (isDone && twist.verdict === 'same') {
          const missing = good.shows?.filter((text) => !after.includes(text)) ?? [];
          if (missing.length > 0)
            tally.fail('a document did something else than it says', `${after} lacks ${missing}: ${said}`);
          tally.add('done as they say');
        }
        if (isDone && subject.renew && after !== before) {
          await subject.renew(lane);
          standing[at]!.set(subject, await subject.look(lane));
        } else standing[at]!.set(subject, after);
      },
      tools.say,
    );
    const seconds = (Date.now() - startedMs) / 1000;
    const { figures, broken } = await memory.end();
    for (const { line } of stage) line.close();
    for (const line of server.complaints()) tally.fail('error in the log', line);
    const sent = tally.of('bodies');
    return {
      figures: [
        [
          'bodies',
          `${sent.toLocaleString('en')} on ${lanes} connections, ${(sent / seconds).toFixed(0)} a second, each looked after`,
        ],
        ['operations · ways to write', `${subjects.length} · ${twists.length}`],
        [
          'good · malformed · too large · bytes changed',
          ['same', 'malformed', 'too large', 'anything']
            .map((one) => tally.of(`verdict ${one}`).toLocaleString('en'))
            .join(' · '),
        ],
        ['good ones done as they say', tally.of('done as they say').toLocaleString('en')],
        ['5xx', ofMany(tally.failed('5xx'), sent)],
        ['refused ones that changed something', ofMany(tally.failed('a refused document changed something'), sent)],
        ['slowest answer', `${slowestMs.toFixed(0)} ms`],
        ['answers', tally.listed('code ')],
        ...figures,
      ],
      broken: [...tally.broken, ...broken],
    };
  } finally {
    await server.stop();
  }
}
