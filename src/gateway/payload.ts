// What x-amz-content-sha256 says about the body that follows: how it is framed and what vouches for it.
import type { Scope, SigningKey } from '../base/sigv4.ts';
import { unsignedPayload } from '../base/sigv4.ts';
import { s3Error } from './errors.ts';

export type Payload =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'sha256'; readonly hex: string }
  /** aws-chunked, chunks not signed, checksum in the trailer. */
  | { readonly kind: 'unsigned-trailer' }
  /** aws-chunked, every chunk signed, each signature built on the one before. */
  | {
      readonly kind: 'chunk-signed';
      readonly signingKey: SigningKey;
      readonly scope: Scope;
      readonly amzDate: string;
      readonly seedSignature: string;
      readonly trailer: boolean;
    };

export type PayloadKind = Payload['kind'] | 'chunk-signed-trailer';

const kinds: Readonly<Record<string, PayloadKind>> = {
  [unsignedPayload]: 'unsigned',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': 'unsigned-trailer',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': 'chunk-signed',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': 'chunk-signed-trailer',
};

/** The kind that a header value names; refuses what is neither a known word nor 64 hex digits. */
export function payloadKind(value: string): PayloadKind {
  const kind = Object.hasOwn(kinds, value) ? kinds[value] : undefined;
  if (kind) return kind;
  if (/^[0-9a-f]{64}$/i.test(value)) return 'sha256';
  if (/^STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD(-TRAILER)?$/.test(value)) {
    throw s3Error('NotImplemented', {
      message: 'Signature version 4A is not implemented.',
      extra: { Header: 'x-amz-content-sha256' },
    });
  }
  throw s3Error('InvalidArgument', {
    message:
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    extra: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: value },
  });
}

/** Without a version 4 signature nothing can vouch for chunks; a declared hash and an unsigned framing still hold. */
export function unsignedChunksPayload(declared: string | undefined): Payload {
  if (declared === undefined) return { kind: 'unsigned' };
  const kind = payloadKind(declared);
  if (kind === 'sha256') return { kind, hex: declared.toLowerCase() };
  if (kind === 'unsigned' || kind === 'unsigned-trailer') return { kind };
  throw s3Error('AccessDenied', { message: 'Signed chunks need a request that is signed with version 4.' });
}
