// Races for one key: many connections over all workers create it at once, and one wins; many increase a number in it by
// compare-and-set, and none of their increments is lost.
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { type Answer, Connection, etagOf } from './support/connection.ts';
import { createSigner, type Signer } from './support/presigned.ts';
import { startWorld, untilTrue } from './support/world.ts';

export const createRace: Trial = {
  name: 'create-race',
  promise: 'of all that create a key at once one succeeds, and no increment by compare-and-set is lost',
  full: { rounds: 200, racers: 32, workers: 2, increments: 10_000 },
  short: { rounds: 10, racers: 32, workers: 2, increments: 150 },
  async run(volumes: Volumes, { dir, say }: TrialTools): Promise<Verdict> {
    const { rounds = 0, racers = 1, workers = 2, increments = 0 } = volumes;
    const world = await startWorld({ dir, workers, partitions: 2 });
    const connections: Connection[] = [];
    try {
      await untilTrue(async () => (await world.status()).workers.length === workers, 'all workers');
      for (let at = 0; at < racers; at++) connections.push(await Connection.open(world.port));
      const signer = createSigner({ host: `127.0.0.1:${world.port}`, ...world.keys });
      const put = { method: 'PUT', target: signer.target({ method: 'PUT', bucket }), body: Buffer.alloc(0) };
      await connections[0]!.request(put);
      const race = new Race(connections, signer);
      for (let round = 0; round < rounds; round++) {
        await race.create(`race/${round}`, round);
        if (round % 20 === 19) say(`${round + 1} rounds`);
      }
      const counted = await race.count('counter', increments);
      const { broken, servers, winners, refused } = race;
      if (servers.size < workers) broken.push(`only ${servers.size} of ${workers} workers answered`);
      return {
        broken,
        figures: [
          ['rounds with one winner', `${race.won} of ${rounds}, ${racers} racers each`],
          ['refused', [...refused].map(([status, count]) => `${count} with ${status}`).join(', ')],
          ['rounds won through each worker', [...winners.values()].join(', ')],
          ['answers by each worker', [...servers.values()].join(', ')],
          ['increments by compare-and-set', `${increments}, and the counter says ${counted.value}`],
          ['attempts at them that lost', `${counted.lost}`],
        ],
      };
    } finally {
      for (const connection of connections) connection.close();
      await world.stop();
    }
  },
};

const bucket = 'races';
/** Connections that count: with more of them nearly every attempt would be lost. */
const counters = 8;

class Race {
  readonly broken: string[] = [];
  readonly servers = new Map<string, number>();
  readonly winners = new Map<string, number>();
  readonly refused = new Map<number, number>();
  won = 0;
  readonly #connections: readonly Connection[];
  readonly #signer: Signer;

  constructor(connections: readonly Connection[], signer: Signer) {
    this.#connections = connections;
    this.#signer = signer;
  }

  /** All at once, another one first each time; whoever was told 200 must be the one whose bytes are there, for every reader. */
  async create(key: string, round: number): Promise<void> {
    const bodies = this.#connections.map((_, at) => Buffer.from(`racer ${at} of ${key}`));
    const answers: Answer[] = [];
    await Promise.all(
      this.#connections.map(async (_, place) => {
        const at = (place + round) % this.#connections.length;
        answers[at] = await this.#put(this.#connections[at]!, key, bodies[at]!, 'If-None-Match: *');
      }),
    );
    const winners = answers.flatMap((answer, at) => (answer.status === 200 ? [at] : []));
    for (const { status } of answers) {
      if (status !== 200) this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
      if (![200, 409, 412].includes(status)) this.broken.push(`${key}: a racer was answered ${status}`);
    }
    if (winners.length !== 1) return void this.broken.push(`${key}: ${winners.length} racers won`);
    const [winner] = winners;
    const seen = await Promise.all(this.#connections.map((connection) => this.#get(connection, key)));
    const wrong = seen.filter(({ body }) => !body.equals(bodies[winner!]!));
    if (wrong.length > 0) return void this.broken.push(`${key}: racer ${winner} won, but ${wrong[0]!.body} is read`);
    this.won += 1;
    const { server } = answers[winner!]!;
    this.winners.set(server, (this.winners.get(server) ?? 0) + 1);
  }

  /** Some read, add one and put with If-Match, until so many have succeeded. */
  async count(key: string, increments: number): Promise<{ value: string; lost: number }> {
    await this.#put(this.#connections[0]!, key, Buffer.from('0'));
    let started = 0;
    let lost = 0;
    const increase = async (connection: Connection): Promise<void> => {
      for (;;) {
        const { head, body } = await this.#get(connection, key);
        const next = Buffer.from(String(Number(body.toString()) + 1));
        const { status } = await this.#put(connection, key, next, `If-Match: "${etagOf(head)}"`);
        if (status === 200) return;
        lost += 1;
        if (status !== 412 && status !== 409 && status !== 503)
          return void this.broken.push(`an increment was answered ${status}`);
      }
    };
    await Promise.all(
      this.#connections.slice(0, counters).map(async (connection) => {
        while (started++ < increments) await increase(connection);
      }),
    );
    const value = (await this.#get(this.#connections[0]!, key)).body.toString();
    if (value !== String(increments)) this.broken.push(`${increments} increments made ${value}`);
    return { value, lost };
  }

  async #put(connection: Connection, key: string, body: Buffer, ...headers: string[]): Promise<Answer> {
    const target = this.#signer.target({ method: 'PUT', bucket, key });
    return this.#note(await connection.request({ method: 'PUT', target, headers, body }));
  }

  async #get(connection: Connection, key: string): Promise<Answer> {
    const target = this.#signer.target({ method: 'GET', bucket, key });
    return this.#note(await connection.request({ method: 'GET', target }));
  }

  #note(answer: Answer | undefined): Answer {
    if (answer === undefined) throw new Error('a racer got no answer');
    this.servers.set(answer.server, (this.servers.get(answer.server) ?? 0) + 1);
    return answer;
  }
}
