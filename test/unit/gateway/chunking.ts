// Writes aws-chunked streams as clients do.
import {
  deriveSigningKey,
  emptySha256,
  type Scope,
  scopeText,
  sha256Hex,
  signatureHex,
} from '../../../src/base/sigv4.ts';
import type { Payload } from '../../../src/gateway/payload.ts';

export type Signing = Extract<Payload, { kind: 'chunk-signed' }>;

export function signingOf(
  options: Partial<{ secret: string; scope: Scope; amzDate: string; seed: string; trailer: boolean }> = {},
): Signing {
  const scope = options.scope ?? { date: '20130524', region: 'us-east-1', service: 's3' };
  return {
    kind: 'chunk-signed',
    signingKey: deriveSigningKey(
      options.secret ?? 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      scope.date,
      scope.region,
      scope.service,
    ),
    scope,
    amzDate: options.amzDate ?? '20130524T000000Z',
    seedSignature: options.seed ?? '0'.repeat(64),
    trailer: options.trailer ?? false,
  };
}

/** Frames `chunks` (the closing empty one is added); `signatures` collects what was written. */
export function frame(
  chunks: readonly Buffer[],
  options: {
    signing?: Signing;
    trailers?: Readonly<Record<string, string>>;
    signatures?: string[];
    lineEnd?: string;
  } = {},
): Buffer {
  const { signing, trailers, signatures = [], lineEnd = '\r\n' } = options;
  let before = signing?.seedSignature ?? '';
  const sign = (kind: string, rest: string): string => {
    const head = `AWS4-HMAC-SHA256-${kind}\n${signing!.amzDate}\n${scopeText(signing!.scope)}\n${before}\n`;
    before = signatureHex(signing!.signingKey, head + rest);
    signatures.push(before);
    return before;
  };
  const out: Buffer[] = [];
  for (const chunk of [...chunks, Buffer.alloc(0)]) {
    const extension = signing ? `;chunk-signature=${sign('PAYLOAD', `${emptySha256}\n${sha256Hex(chunk)}`)}` : '';
    out.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`));
    if (chunk.length > 0) out.push(chunk, Buffer.from('\r\n'));
  }
  if (trailers) {
    for (const [name, value] of Object.entries(trailers)) out.push(Buffer.from(`${name}:${value}${lineEnd}`));
    if (signing) {
      const text = Object.entries(trailers)
        .map(([name, value]) => `${name}:${value}\n`)
        .join('');
      out.push(Buffer.from(`x-amz-trailer-signature:${sign('TRAILER', sha256Hex(text))}\r\n`));
    }
  }
  out.push(Buffer.from('\r\n'));
  return Buffer.concat(out);
}
