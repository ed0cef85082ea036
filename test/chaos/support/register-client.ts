// A client whose every request is an operation on a register: sends it, takes the answer apart, and writes both into the book. What
// is no answer of a register (a body that is not its ETag's, a status nobody expects) is reported at once.
import { createHash } from 'node:crypto';
import { type Answer, Connection, etagOf, headerOf, type Request } from './connection.ts';
import type { Asked, Signer } from './presigned.ts';
import { type Act, absent, type Value } from './register.ts';
import type { Register, RegisterBook, Ticket } from './registers.ts';
import type { Tally } from './tally.ts';

export interface ClientTools {
  readonly port: number;
  readonly signer: Signer;
  readonly book: RegisterBook;
  readonly tally: Tally;
  readonly random: () => number;
  /** Bodies of this name are of no other client. */
  readonly name: string;
  /** Whether a connection may end without an answer: somebody kills processes. */
  readonly mayLose: boolean;
  /** Of 1: changes that this client does not wait for. */
  readonly hangUpShare: number;
}

/** 52 bits of the ETag: one number per ETag, for as many as any trial makes. */
const valueOfEtag = (etag: string): Value => Number.parseInt(etag.slice(0, 13), 16);
const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();

const requestsPerConnection = 400;

export class RegisterClient {
  readonly #tools: ClientTools;
  #connection: Connection | undefined;
  #requestsLeft = 0;
  #bodies = 0;

  constructor(tools: ClientTools) {
    this.#tools = tools;
  }

  close(): void {
    this.#connection?.close();
  }

  /** `pauseMs`: reads its answer that slowly. */
  async get(register: Register, pauseMs = 0): Promise<void> {
    await this.#ask('GET', register, this.#request(register, 'GET'), undefined, (answer, ticket) => {
      const act = this.#readOf(answer, ticket);
      if (answer.status !== 200) return answer.body.includes('<Code>NoSuchKey</Code>') ? act : undefined;
      const etag = etagOf(answer.head)!;
      const digest = md5(answer.body);
      const expected = etag.endsWith('-1') ? `${md5(digest).toString('hex')}-1` : digest.toString('hex');
      if (expected !== etag) this.#tools.book.report(register, `bytes with digest ${expected} came as ${etag}`);
      return act;
    }, pauseMs); // biome-ignore format: the act is the point
  }

  async head(register: Register): Promise<void> {
    await this.#ask('HEAD', register, this.#request(register, 'HEAD'), undefined, (answer, ticket) =>
      this.#readOf(answer, ticket),
    );
  }

  async put(register: Register, size: number): Promise<void> {
    const { request, value } = this.#newBody(register, size);
    const act: Act = { kind: 'write', value };
    await this.#ask('PUT', register, request, act, ({ status }) => (status === 200 ? act : undefined));
  }

  async create(register: Register, size: number): Promise<void> {
    const { request, value } = this.#newBody(register, size, ['If-None-Match: *']);
    const answers: Record<number, 'done' | 'refused'> = { 200: 'done', 412: 'refused' };
    await this.#ask('PUT if none', register, request, { kind: 'create', value, answer: 'lost' }, ({ status }) => {
      const answer = answers[status];
      return answer && { kind: 'create', value, answer };
    });
  }

  async swap(register: Register, size: number): Promise<void> {
    const { condition, expected } = expectationOf(register);
    const { request, value } = this.#newBody(register, size, [condition]);
    const answers: Record<number, 'done' | 'differs' | 'absent'> = { 200: 'done', 412: 'differs', 404: 'absent' };
    const lost: Act = { kind: 'swap', expected, value, answer: 'lost' };
    await this.#ask('PUT if match', register, request, lost, ({ status }) => {
      const answer = answers[status];
      return answer && { kind: 'swap', expected, value, answer };
    });
  }

  async delete(register: Register): Promise<void> {
    const act: Act = { kind: 'delete' };
    const request = this.#request(register, 'DELETE');
    await this.#ask('DELETE', register, request, act, ({ status }) => (status === 204 ? act : undefined));
  }

  async remove(register: Register): Promise<void> {
    const { condition, expected } = expectationOf(register);
    const request = { ...this.#request(register, 'DELETE'), headers: [condition] };
    const answers: Record<number, 'done' | 'differs'> = { 204: 'done', 412: 'differs' };
    await this.#ask('DELETE if match', register, request, { kind: 'remove', expected, answer: 'lost' }, ({ status }) => {
      const answer = answers[status];
      return answer && { kind: 'remove', expected, answer };
    }); // biome-ignore format: the act is the point
  }

  /** The publication alone is the operation; what comes before it changes nothing that can be seen. */
  async multipart(register: Register, size: number): Promise<void> {
    const { bucket, key } = register;
    const ask = { bucket, key };
    const created = await this.#plain('multipart', { ...ask, method: 'POST', query: [['uploads', '']] });
    const uploadId = created && /<UploadId>([^<]+)</.exec(created.body.toString())?.[1];
    if (uploadId === undefined) return;
    const body = this.#body(size);
    const digest = md5(body);
    const part: Asked = { ...ask, method: 'PUT', query: [['partNumber', '1'], ['uploadId', uploadId]] }; // biome-ignore format: pairs
    if ((await this.#plain('multipart', part, body)) === undefined) return;
    const list = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"${digest.toString('hex')}"</ETag></Part></CompleteMultipartUpload>`;
    const target = this.#tools.signer.target({ ...ask, method: 'POST', query: [['uploadId', uploadId]] }, false);
    const act: Act = { kind: 'write', value: valueOfEtag(md5(digest).toString('hex')) };
    const request = { method: 'POST', target, body: Buffer.from(list) };
    await this.#ask('multipart', register, request, act, ({ status }) => (status === 200 ? act : undefined));
  }

  /** Reads the source and writes the target, at one moment: one operation on each. */
  async copy(source: Register, target: Register): Promise<void> {
    const { book, signer, tally, mayLose } = this.#tools;
    const tickets = [book.begin(source), book.begin(target)] as const;
    const query = [['x-amz-copy-source', `${source.bucket}/${source.key}`]] as const;
    const where = { method: 'PUT', bucket: target.bucket, key: target.key, query };
    const answer = await this.#send({ method: 'PUT', target: signer.target(where), body: Buffer.alloc(0) });
    if (answer === undefined) {
      if (!mayLose) book.report(target, 'a copy got no answer');
      book.lose(tickets[0]);
      book.loseTrack(tickets[1]); // it may hold now, or later, whatever the source held at that moment
      return;
    }
    tally.note('copy', answer);
    const etag = answer.status === 200 ? /&quot;([0-9a-f-]+)&quot;/.exec(answer.body.toString())?.[1] : undefined;
    if (etag !== undefined) {
      const value = valueOfEtag(etag);
      this.#noteVersions(answer, tickets[1], true);
      const sourceVersion = headerOf(answer.head, 'x-amz-copy-source-version-id');
      if (sourceVersion !== undefined && source.versioned) book.noteVersion(tickets[0], sourceVersion, false);
      book.end(tickets[0], { kind: 'read', saw: value });
      book.end(tickets[1], { kind: 'write', value });
      return;
    }
    const isMissing = answer.status === 404 && answer.body.includes('<Code>NoSuchKey</Code>');
    if (!isMissing && !isTurnedAway(answer)) book.report(target, `a copy was answered ${describeAnswer(answer)}`);
    book.end(tickets[0], isMissing ? { kind: 'read', saw: absent } : undefined);
    book.end(tickets[1]);
  }

  /** A read of every key that begins so. */
  async list(bucket: string, prefix: string, registers: readonly Register[]): Promise<void> {
    const { book } = this.#tools;
    const tickets = registers.map((register) => book.begin(register));
    const answer = await this.#plain('LIST', { method: 'GET', bucket, query: [['list-type', '2'], ['prefix', prefix]] }); // biome-ignore format: pairs
    const text = answer?.body.toString() ?? '';
    const etags = new Map(
      [...text.matchAll(/<Key>([^<]*)<\/Key>.*?<ETag>&quot;([0-9a-f-]+)&quot;/gs)].map(([, key, etag]) => [
        key!,
        etag!,
      ]),
    );
    for (const ticket of tickets) {
      if (answer === undefined) book.lose(ticket);
      else book.end(ticket, { kind: 'read', saw: seenValue(etags.get(ticket.register.key)) });
    }
  }

  async #ask(
    kind: string,
    register: Register,
    request: Request,
    lostAct: Act | undefined,
    actOf: (answer: Answer, ticket: Ticket) => Act | undefined,
    pauseMs = 0,
  ): Promise<void> {
    const { book, tally, random, hangUpShare, mayLose } = this.#tools;
    const ticket = book.begin(register);
    const hangsUp = lostAct !== undefined && !register.plain && random() < hangUpShare;
    // What was not sent whole must never take effect.
    const share = hangsUp && request.body !== undefined && random() < 0.3 ? 0.2 + random() * 0.7 : 1;
    const answer = hangsUp ? await this.#abandon(request, share) : await this.#send(request, pauseMs);
    if (answer === undefined) {
      if (hangsUp) tally.hangUps += 1;
      else if (mayLose) tally.cutOff += 1;
      else book.report(register, `${kind} got no answer`);
      book.lose(ticket, share < 1 ? undefined : lostAct);
      return;
    }
    tally.note(kind, answer);
    if (isTurnedAway(answer)) return book.end(ticket);
    const act = actOf(answer, ticket);
    if (act === undefined) book.report(register, `${kind} was answered ${describeAnswer(answer)}`);
    else if (act.kind !== 'read') this.#noteChange(answer, ticket, act);
    book.end(ticket, act);
  }

  #noteChange(answer: Answer, ticket: Ticket, act: Act): void {
    this.#noteVersions(answer, ticket, true);
    const { register } = ticket;
    if (!('value' in act) || answer.status !== 200) return;
    const etag = etagOf(answer.head) ?? /&quot;([0-9a-f-]+)&quot;/.exec(answer.body.toString())?.[1] ?? '';
    if (valueOfEtag(etag) !== act.value) this.#tools.book.report(register, `was told the wrong ETag, ${etag}`);
    register.etag = etag;
    register.writer = answer.server;
  }

  #readOf(answer: Answer, ticket: Ticket): Act | undefined {
    const { register } = ticket;
    if (answer.status !== 200 && answer.status !== 404) return undefined;
    this.#noteVersions(answer, ticket, false);
    if (answer.status === 404) return { kind: 'read', saw: absent };
    const etag = etagOf(answer.head) ?? '';
    if (etag === register.etag && register.writer !== answer.server) this.#tools.tally.acrossProcesses += 1;
    return { kind: 'read', saw: valueOfEtag(etag) };
  }

  #noteVersions(answer: Answer, ticket: Ticket, isNew: boolean): void {
    const tells = answer.status < 400 || answer.status === 404; // markers tell with a 404
    if (!ticket.register.versioned || !tells) return;
    const versionId = headerOf(answer.head, 'x-amz-version-id');
    if (versionId !== undefined) this.#tools.book.noteVersion(ticket, versionId, isNew);
  }

  #request({ bucket, key }: Register, method: string): Request {
    return { method, target: this.#tools.signer.target({ method, bucket, key }) };
  }

  #newBody(register: Register, size: number, headers: readonly string[] = []): { request: Request; value: Value } {
    const body = this.#body(size);
    return {
      request: { ...this.#request(register, 'PUT'), headers, body },
      value: valueOfEtag(md5(body).toString('hex')),
    };
  }

  /** Its own stamp from end to end, so that a mixture of two would show. */
  #body(size: number): Buffer {
    this.#bodies += 1;
    return Buffer.alloc(size, `${this.#tools.name} ${this.#bodies} `);
  }

  /** A request that is no operation by itself: its answer if it was 200. */
  async #plain(kind: string, asked: Asked, body?: Buffer): Promise<Answer | undefined> {
    const { signer, tally, book, mayLose } = this.#tools;
    const isUsual = body === undefined; // else it has an upload id that is asked for once
    const answer = await this.#send({
      method: asked.method,
      target: signer.target(asked, isUsual),
      ...(body && { body }),
    });
    if (answer === undefined) {
      if (!mayLose) book.broken.push(`${kind} of ${asked.bucket}/${asked.key} got no answer`);
      return undefined;
    }
    tally.note(kind, answer);
    if (answer.status === 200) return answer;
    if (!isTurnedAway(answer)) book.broken.push(`${kind} of ${asked.bucket} was answered ${describeAnswer(answer)}`);
    return undefined;
  }

  async #send(request: Request, pauseMs = 0): Promise<Answer | undefined> {
    const connection = await this.#connected();
    const answer = await connection?.request(request, pauseMs);
    if (connection?.hung)
      this.#tools.book.broken.push(`${request.method} ${request.target} was left without an answer`);
    // Where a body was refused unread, the server takes nothing more on that connection.
    if (answer !== undefined && headerOf(answer.head, 'connection') === 'close') this.#connection?.close();
    return answer;
  }

  async #abandon(request: Request, share: number): Promise<Answer | undefined> {
    return await (await this.#connected())?.abandon(request, share, this.#tools.random() * 4);
  }

  /** A new one now and then: the server hands connections to its workers in turn. */
  async #connected(): Promise<Connection | undefined> {
    if (this.#connection?.open && this.#requestsLeft-- > 0) return this.#connection;
    this.#connection?.close();
    this.#requestsLeft = requestsPerConnection * (0.5 + this.#tools.random());
    this.#connection = await Connection.open(this.#tools.port).catch(() => undefined);
    return this.#connection;
  }
}

const isTurnedAway = ({ status }: Answer): boolean => status === 409 || status === 503;
const seenValue = (etag: string | undefined): Value => (etag === undefined ? absent : valueOfEtag(etag));
const describeAnswer = ({ status, body }: Answer): string => `${status} ${body.toString().slice(0, 300)}`;

/** What was there a while ago, or an ETag that never was. */
function expectationOf(register: Register): { condition: string; expected: Value } {
  const etag = register.etag ?? '00000000000010000000000000000000';
  return { condition: `If-Match: "${etag}"`, expected: valueOfEtag(etag) };
}
