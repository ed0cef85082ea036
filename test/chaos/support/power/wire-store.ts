// A store behind HTTP: the built server, asked as a client would.
import { type Answer, type Asked, textsOf, type Wire } from '../wire.ts';
import { type Acked, Refused, type Store, type Where } from './store.ts';

export class WireStore implements Store {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  async createBucket(bucket: string, versioned: boolean): Promise<void> {
    await this.#done({ method: 'PUT', bucket });
    const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
    if (versioned) await this.#done({ method: 'PUT', bucket, query: { versioning: '' }, body });
  }

  put = async (where: Where, body: Buffer): Promise<Acked> =>
    ackedBy(await this.#done({ method: 'PUT', ...where, body }));

  remove = async (where: Where, versionId?: string): Promise<Acked> =>
    ackedBy(await this.#done({ method: 'DELETE', ...where, ...versionOf(versionId) }));

  copy = async (from: Where, to: Where): Promise<Acked> => {
    const headers = { 'x-amz-copy-source': `/${from.bucket}/${from.key}` };
    return ackedBy(this.#whole(await this.#done({ method: 'PUT', ...to, headers }), 'CopyObjectResult'));
  };

  createUpload = async (where: Where): Promise<string> => {
    const { body } = await this.#done({ method: 'POST', ...where, query: { uploads: '' } });
    return textsOf(body, 'UploadId')[0]!;
  };

  uploadPart = async (where: Where, uploadId: string, part: number, body: Buffer): Promise<string> => {
    const query = { partNumber: String(part), uploadId };
    return (await this.#done({ method: 'PUT', ...where, query, body })).headers.etag!;
  };

  completeUpload = async (
    where: Where,
    uploadId: string,
    etags: readonly (readonly [number, string])[],
  ): Promise<Acked> => {
    const parts = etags.map(([part, etag]) => `<Part><PartNumber>${part}</PartNumber><ETag>${etag}</ETag></Part>`);
    const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    const answer = await this.#done({ method: 'POST', ...where, query: { uploadId }, body });
    return ackedBy(this.#whole(answer, 'CompleteMultipartUploadResult'));
  };

  abortUpload = async (where: Where, uploadId: string): Promise<void> => {
    await this.#done({ method: 'DELETE', ...where, query: { uploadId } });
  };

  async get(where: Where, versionId?: string): Promise<Buffer | undefined> {
    const { status, body } = await this.#wire.send({ method: 'GET', ...where, ...versionOf(versionId) });
    if (status === 404 || status === 405) return undefined;
    if (status !== 200) throw new Error(`GET answered ${status} ${body.subarray(0, 200)}`);
    return body;
  }

  async #done(asked: Asked): Promise<Answer> {
    const answer = await this.#wire.send(asked);
    if (answer.status < 300) return answer;
    throw new Refused(`${asked.method} answered ${answer.status} ${answer.body.subarray(0, 300)}`);
  }

  /** An error may follow a 200 that had to be sent early. */
  #whole(answer: Answer, element: string): Answer {
    if (answer.body.includes(`<${element}`)) return answer;
    throw new Refused(answer.body.toString());
  }
}

const versionOf = (versionId: string | undefined) => (versionId === undefined ? {} : { query: { versionId } });

function ackedBy({ headers }: Answer): Acked {
  const versionId = headers['x-amz-version-id'];
  return typeof versionId === 'string' ? { versionId } : {};
}
