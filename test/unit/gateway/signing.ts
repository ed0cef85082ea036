// Requests as a client sends them, signed by @smithy/signature-v4, and as Node hands them over: raw target, raw headers.
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { parseAddress } from '../../../src/gateway/address.ts';
import { createVerifier, type Verified, type VerifierOptions } from '../../../src/gateway/signature.ts';
import type { UserDirectory } from '../../../src/model/identity.ts';
import { type Chance, chanceOf } from '../../support/chance.ts';
import type { Credentials } from '../../support/sign.ts';
import { seeded } from '../../support/trial.ts';

export type { Chance } from '../../support/chance.ts';

export const users = ['main', 'alt', 'odd/key+name'].map((name, at) => ({
  user: { name, canonicalId: `${at}`.repeat(64), displayName: name, email: `${at}@example.com` },
  accessKey: at === 2 ? 'AKID/WITH/SLASHES' : `AKIDEXAMPLE000000${at}`,
  secretKey: `secret/${name}+${'x'.repeat(20)}`,
}));

export const directory: UserDirectory = {
  byAccessKey: (accessKey) => users.find((one) => one.accessKey === accessKey),
  byCanonicalId: (id) => users.find((one) => one.user.canonicalId === id)?.user,
  byEmail: (email) => users.find((one) => one.user.email === email)?.user,
};

export const region = 'us-east-1';
export const nowMs = Date.UTC(2026, 10, 22, 20, 30, 59);

/** So that a failure can be replayed. */
export const createChance = (seed: number): Chance => chanceOf(seeded(seed));

class NodeSha256 {
  #hash;
  constructor(secret?: Uint8Array | string) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data as Uint8Array);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

interface PlainRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
}
interface PlainSigner {
  sign(request: PlainRequest, options: { signingDate: Date }): Promise<PlainRequest>;
  presign(request: PlainRequest, options: { signingDate: Date; expiresIn: number }): Promise<PlainRequest>;
}

const signers = new Map<string, SignatureV4>();
function signerOf(user: Credentials): SignatureV4 {
  let signer = signers.get(user.accessKey);
  if (!signer) {
    signer = new SignatureV4({
      credentials: { accessKeyId: user.accessKey, secretAccessKey: user.secretKey },
      region,
      service: 's3',
      // biome-ignore lint/suspicious/noExplicitAny: the SDK's checksum constructor type is wider than what it calls
      sha256: NodeSha256 as any,
      uriEscapePath: false,
      applyChecksum: true,
    });
    signers.set(user.accessKey, signer);
  }
  return signer;
}

/** What a client means, before it signs. */
export interface Draft {
  user: Credentials;
  method: string;
  bucket: string;
  /** May be empty. */
  key: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  /** undefined: signed in the header. */
  expiresSec?: number;
  signedMs: number;
}

/** What arrives. Query pairs are decoded; `target` encodes them. */
export interface Wire {
  method: string;
  path: string;
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
}

const escapeText = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
export const escapePath = (path: string): string => path.split('/').map(escapeText).join('/');

export async function signDraft(draft: Draft): Promise<Wire> {
  const request = {
    method: draft.method,
    protocol: 'http:',
    hostname: 'localhost',
    path: escapePath(`/${draft.bucket}${draft.key ? `/${draft.key}` : ''}`),
    query: { ...draft.query },
    headers: { host: 'localhost:9000', ...draft.headers },
    body: undefined,
  };
  const signingDate = new Date(draft.signedMs);
  // A plain object serves as the SDK's HttpRequest.
  const signer = signerOf(draft.user) as unknown as PlainSigner;
  const signed =
    draft.expiresSec === undefined
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, { signingDate, expiresIn: draft.expiresSec });
  return {
    method: signed.method,
    path: signed.path,
    query: Object.entries(signed.query),
    headers: Object.entries(signed.headers),
  };
}

export const targetOf = (wire: Wire): string =>
  wire.path +
  (wire.query.length ? `?${wire.query.map(([n, v]) => `${escapeText(n)}=${escapeText(v)}`).join('&')}` : '');

/** As Node's parser hands headers over: one latin-1 character per byte, blanks at both ends gone. */
export const rawHeadersOf = (wire: Wire): string[] =>
  wire.headers.flatMap(([name, value]) => [
    name,
    Buffer.from(value, 'utf8')
      .toString('latin1')
      .replace(/^[ \t]+|[ \t]+$/g, ''),
  ]);

export const verifierAt = (wallMs: number, options: Partial<VerifierOptions> = {}) =>
  createVerifier({ users: directory, region, clock: { wallMs: () => wallMs }, ...options });

export function verifyWire(
  verifier: ReturnType<typeof createVerifier>,
  wire: Wire,
  fromTrustedProxy = false,
): Verified {
  const rawHeaders = rawHeadersOf(wire);
  const host = wire.headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const address = parseAddress(targetOf(wire), host, { domains: [] });
  return verifier.verify({ method: wire.method, address, rawHeaders, fromTrustedProxy });
}
