// A store that is the stories of this process, without HTTP: for simulated lives and for looking at what a power cut left.
import { isFault } from '../../../../src/base/fault.ts';
import { privateAcl } from '../../../../src/model/acl.ts';
import { createDigester } from '../../../../src/objects/digester.ts';
import type { Bucket, Objects } from '../../../../src/objects/objects.ts';
import type { UploadBody } from '../../../../src/objects/upload-body.ts';
import { type Acked, Refused, type Store, type Where } from './store.ts';

const owner = 'a'.repeat(64);
const never = new AbortController().signal;
const plain = { attributes: { metadata: [] }, tags: [], acl: privateAcl(owner) };

export class StoriesStore implements Store {
  readonly #objects: Objects;
  readonly #buckets = new Map<string, Bucket>();

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  async createBucket(name: string, versioned: boolean): Promise<void> {
    await this.#objects.createBucket({ name, acl: plain.acl, region: 'us-east-1' });
    if (versioned) await this.#objects.updateBucket(name, (old) => ({ ...old, versioning: 'enabled' }));
  }

  put = ({ bucket, key }: Where, bytes: Buffer): Promise<Acked> =>
    answered(async () => {
      const made = { ...plain, conditions: {} };
      return ackedBy(
        await this.#objects.write(await this.#bucket(bucket), key, bodyOf(bytes), made, { signal: never }),
      );
    });

  remove = ({ bucket, key }: Where, versionId?: string): Promise<Acked> =>
    answered(async () => {
      const ask = { owner, ...(versionId === undefined ? {} : { versionId }) };
      return ackedBy(await this.#objects.remove(await this.#bucket(bucket), key, ask));
    });

  copy = (from: Where, to: Where): Promise<Acked> =>
    answered(async () => {
      const source = { bucket: await this.#bucket(from.bucket), key: from.key };
      const target = { bucket: await this.#bucket(to.bucket), key: to.key };
      const request = { source, sourceConditions: {}, target, conditions: {}, acl: plain.acl };
      return ackedBy(await this.#objects.copy(request, never));
    });

  createUpload = ({ bucket, key }: Where): Promise<string> =>
    answered(async () => {
      const made = { ...plain, initiator: owner };
      return (await this.#objects.createUpload(await this.#bucket(bucket), key, made)).id;
    });

  uploadPart = ({ bucket, key }: Where, uploadId: string, part: number, bytes: Buffer): Promise<string> =>
    answered(async () => {
      const body = bodyOf(bytes);
      return (await this.#objects.writePart(await this.#bucket(bucket), key, uploadId, part, body, never)).etag;
    });

  completeUpload = (
    { bucket, key }: Where,
    uploadId: string,
    etags: readonly (readonly [number, string])[],
  ): Promise<Acked> =>
    answered(async () => {
      const parts = etags.map(([partNumber, etag]) => ({ partNumber, etag: etag.replaceAll('"', ''), checksums: [] }));
      const request = { uploadId, parts, conditions: {} };
      return ackedBy(await this.#objects.completeUpload(await this.#bucket(bucket), key, request));
    });

  abortUpload = ({ bucket, key }: Where, uploadId: string): Promise<void> =>
    answered(async () => this.#objects.abortUpload(await this.#bucket(bucket), key, uploadId));

  async get({ bucket, key }: Where, versionId?: string): Promise<Buffer | undefined> {
    try {
      const ask = versionId === undefined ? {} : { versionId };
      const { body } = await this.#objects.read(await this.#bucket(bucket), key, ask, { signal: never });
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks);
    } catch (error) {
      if (isFault(error, 'key-missing') || isFault(error, 'version-missing')) return undefined;
      throw error;
    }
  }

  async #bucket(name: string): Promise<Bucket> {
    const found = this.#buckets.get(name) ?? (await this.#objects.bucket(name));
    this.#buckets.set(name, found);
    return found;
  }
}

const ackedBy = ({ versionId }: { versionId?: string }): Acked => (versionId === undefined ? {} : { versionId });

/** A story that fails has changed nothing that can be seen: that is its promise, and taken at its word. */
async function answered<T>(story: () => Promise<T>): Promise<T> {
  try {
    return await story();
  } catch (error) {
    throw new Refused((error as Error).message, { cause: error });
  }
}

function bodyOf(bytes: Buffer): UploadBody {
  let digests: UploadBody['digests'] | undefined;
  return {
    length: bytes.length,
    get digests() {
      if (digests === undefined) throw new Error('read the body to its end first');
      return digests;
    },
    async *[Symbol.asyncIterator]() {
      const digester = await createDigester([]);
      for (let at = 0; at < bytes.length; at += 65_536) {
        const chunk = bytes.subarray(at, at + 65_536);
        digester.update(chunk);
        yield chunk;
      }
      digests = digester.digests();
    },
  };
}
