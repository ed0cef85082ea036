// Reads everything back and holds it against the manifest: lost, torn, changed, or listed and not readable.
import { createHash } from 'node:crypto';
import type { Manifest, State } from './manifest.ts';
import { bodyOf, parseName, stampHeader } from './stamps.ts';
import { type Answer, listAll, openWire, type Target, textsOf, type Wire } from './wire.ts';

export interface Wrong {
  readonly kind: 'lost' | 'torn' | 'changed' | 'unreadable' | 'unlisted';
  readonly what: string;
}

export interface Verification {
  /** Keys looked at, and of them those that hold an object. */
  readonly keys: number;
  readonly objects: number;
  readonly bytes: number;
  readonly wrong: readonly Wrong[];
}

const readersMax = 8;

/** While nobody writes. What is found is what holds from then on. */
export async function verifyAll(target: Target, bucket: string, manifest: Manifest): Promise<Verification> {
  const wire = openWire(target, readersMax);
  try {
    const listed = await listAll(wire, bucket);
    const keys = [...new Set([...manifest.keys(), ...listed.keys()])];
    const wrong: Wrong[] = [];
    let objects = 0;
    let bytes = 0;
    const queue = keys.values();
    const reader = async (): Promise<void> => {
      for (const key of queue) {
        const answer = await wire.send({ method: 'GET', bucket, key });
        if (answer.status === 200) {
          objects += 1;
          bytes += answer.body.length;
        }
        const states = manifest.statesOf(key);
        const found = judgeRead(key, answer, states) ?? judgeListing(key, answer, listed.get(key));
        if (found !== undefined) wrong.push(found);
        else manifest.observe(key, stateOf(answer));
      }
    };
    await Promise.all(Array.from({ length: readersMax }, reader));
    return { keys: keys.length, objects, bytes, wrong };
  } finally {
    wire.close();
  }
}

export const stateOf = ({ status, headers }: Answer): State =>
  status === 404 ? 'absent' : String(headers[stampHeader]);

/** Nothing when the answer shows a state in which the key may rightly be. */
export function judgeRead(key: string, answer: Answer, states: ReadonlySet<State>): Wrong | undefined {
  const wanted = [...states].join(' or ');
  if (answer.status === 404) {
    if (states.has('absent')) return undefined;
    return { kind: 'lost', what: `${key} is lost: it should be ${wanted}` };
  }
  if (answer.status !== 200) {
    return { kind: 'unreadable', what: `${key} cannot be read (${answer.status}): it should be ${wanted}` };
  }
  const name = String(answer.headers[stampHeader] ?? '');
  const stamped = parseName(name);
  if (Number.isNaN(stamped.size) || !answer.body.equals(bodyOf(stamped))) {
    return { kind: 'torn', what: `${key} is torn: ${answer.body.length} bytes that are not those of "${name}"` };
  }
  if (!states.has(name)) return { kind: 'changed', what: `${key} is ${name}: it should be ${wanted}` };
  const etag = String(answer.headers.etag ?? '').replaceAll('"', '');
  if (!etag.includes('-') && etag !== createHash('md5').update(answer.body).digest('hex')) {
    return { kind: 'changed', what: `${key} has the ETag ${etag}, which is not that of its bytes` };
  }
  return undefined;
}

function judgeListing(key: string, { status, body }: Answer, listedBytes: number | undefined): Wrong | undefined {
  if (status === 404 && listedBytes !== undefined)
    return { kind: 'unreadable', what: `${key} is listed and not there` };
  if (status !== 200 || listedBytes === body.length) return undefined;
  if (listedBytes === undefined) return { kind: 'unlisted', what: `${key} is there and not listed` };
  return { kind: 'changed', what: `${key} is listed with ${listedBytes} bytes and has ${body.length}` };
}

/** Ends all uploads that were begun and left. */
export async function abortUploads(wire: Wire, bucket: string): Promise<void> {
  for (;;) {
    const { body } = await wire.send({ method: 'GET', bucket, query: { uploads: '' } });
    const ids = textsOf(body, 'UploadId');
    const keys = textsOf(body, 'Key');
    if (ids.length === 0) return;
    for (const [at, uploadId] of ids.entries()) {
      await wire.send({ method: 'DELETE', bucket, key: keys[at]!, query: { uploadId } });
    }
  }
}
