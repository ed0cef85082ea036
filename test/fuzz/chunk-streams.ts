// Bodies in AWS's three chunked forms against a real server: each small one cut at every one of its bytes in turn, and forged in one point.
import { chanceOf } from '../support/chance.ts';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { forgeries } from './support/chunk-forgeries.ts';
import { forms, makeStream, type Stream, textBody, wireOf } from './support/chunk-streams.ts';
import { cutAt } from './support/converse.ts';
import { codeOf, Line } from './support/requests.ts';
import { owner, serveFuzzed } from './support/served.ts';
import { inLanes, ofMany, Tally } from './support/tally.ts';

const lanes = 16;
const names = Object.keys(forgeries);

export const chunkStreams: Trial = {
  name: 'chunk-streams',
  promise:
    'A chunked body is stored byte for byte wherever the wire cuts it, and not at all when anything of it is forged',
  full: { streams: 20_000 },
  short: { streams: 500 },
  run,
};

async function run({ streams = 0 }: Volumes, tools: TrialTools): Promise<Verdict> {
  const chance = chanceOf(tools.random);
  const server = await serveFuzzed(tools.dir);
  try {
    const { authority } = server;
    const tally = new Tally();
    const lines = Array.from({ length: lanes }, () => new Line(server.port));
    await lines[0]!.must(200, { method: 'PUT', target: '/bucket', user: owner });
    const stored = new Map<string, string>();

    const send = async (lane: number, target: string, stream: Stream, places: readonly number[], cutBytes = 0) => {
      const { head, body } = wireOf(stream, target, authority, cutBytes);
      return lines[lane]!.exchange([head, ...cutAt(body, places)], 'PUT');
    };
    /** What stands there is what was last accepted. */
    const check = async (lane: number, target: string, after: string): Promise<void> => {
      const found = await lines[lane]!.ask({ target, user: owner });
      const due = stored.get(target);
      if (due === undefined ? found.status === 404 : found.status === 200 && found.body === due) return;
      tally.fail(
        'other bytes than were accepted',
        `${JSON.stringify(found.body)} instead of ${JSON.stringify(due)} after ${after}`,
      );
    };

    // One stream at a time per form, cut at its next byte.
    const walks = forms.map((form) => ({
      form,
      target: '',
      stream: undefined as Stream | undefined,
      length: 0,
      at: 0,
    }));
    let nextWalk = 0;
    let splits = 0;
    async function sendWhole(lane: number): Promise<void> {
      const walk = walks[nextWalk++ % walks.length]!;
      if (walk.stream === undefined || walk.at >= walk.length) {
        walk.target = `/bucket/walk-${walk.form}-${nextWalk}`;
        walk.stream = makeStream(walk.form, walk.target, authority, textBody(chance), chance);
        walk.length = wireOf(walk.stream, walk.target, authority).body.length;
        walk.at = 0;
      }
      const { stream, target, at } = walk;
      walk.at += 1;
      splits += 1;
      const places = chance.flip(0.9) ? [at] : [at, ...Array.from({ length: 6 }, () => chance.below(walk.length))];
      const answer = await send(lane, target, stream, places);
      stored.set(target, stream.body.toString());
      const quoted = `${stream.form} cut at ${places}: ${JSON.stringify(wireOf(stream, target, authority).body.toString('latin1'))}`;
      tally.add('whole');
      if (answer.status === 200) tally.add('accepted');
      else tally.fail('false refusal', `${answer.status} ${answer.body} to ${quoted}`);
      await check(lane, target, quoted);
    }

    let nextForgery = 0;
    async function sendForged(lane: number): Promise<void> {
      const target = `/bucket/forged-${lane}`;
      for (;;) {
        const stream = makeStream(chance.pick(forms), target, authority, textBody(chance), chance);
        if (stream.chunks.length < 2) continue;
        const at = nextForgery++ % (names.length + 1);
        const forged = at === names.length ? stream : forgeries[names[at]!]!(stream, chance);
        if (forged === undefined || forged.chunks.length === 0) continue;
        const name = names[at] ?? 'cut off';
        const { body } = wireOf(forged, target, authority);
        const cutBytes = at === names.length ? 1 + chance.below(body.length - 1) : 0;
        const places = chance.flip(0.5) ? [] : [chance.below(body.length)];
        const answer = await send(lane, target, forged, places, cutBytes);
        tally.add('forged');
        tally.add(`kind ${name}`);
        tally.add(`code ${codeOf(answer)}`);
        const quoted = `${name}, ${stream.form}: ${JSON.stringify(body.toString('latin1'))}`;
        if (answer.status < 400) {
          tally.add('false accepts');
          tally.fail(`false accept (${name})`, quoted);
        } else if (answer.status >= 500) tally.fail('5xx', `${answer.status} ${answer.body} to ${quoted}`);
        await check(lane, target, quoted);
        return;
      }
    }

    const startedMs = Date.now();
    await inLanes(lanes, streams, (turn, lane) => (turn % 2 === 0 ? sendWhole(lane) : sendForged(lane)), tools.say);
    const seconds = (Date.now() - startedMs) / 1000;
    for (const line of lines) line.close();
    for (const line of server.complaints()) tally.fail('error in the log', line);
    const untried = names.filter((name) => tally.of(`kind ${name}`) === 0);
    if (untried.length > 0) tally.fail('kinds of forgery that were not tried', untried.join(', '));
    return {
      figures: [
        [
          'streams',
          `${streams.toLocaleString('en')} on ${lanes} connections, ${(streams / seconds).toFixed(0)} a second, each read back`,
        ],
        ['whole ones accepted', ofMany(tally.of('accepted'), tally.of('whole'))],
        ['of them cut at a place of their own', splits.toLocaleString('en')],
        ['forged ones accepted', ofMany(tally.of('false accepts'), tally.of('forged'))],
        ['kinds of forgery', `${names.length + 1}`],
        ['other bytes than were accepted', ofMany(tally.failed('other bytes than were accepted'), streams)],
        ['refused with', tally.listed('code ')],
      ],
      broken: tally.broken,
    };
  } finally {
    await server.stop();
  }
}
