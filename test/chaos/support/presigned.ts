// Presigned targets, remembered: signing costs a driver that shares two cores with the server more than sending does. They are
// valid from an hour ago on for days, so that a server whose wall clock steps takes them all the same.
import { type Pair, uriEncode } from '../../../src/base/sigv4.ts';
import { presignedTarget } from '../../support/quick-sign.ts';
import type { Credentials } from '../../support/sign.ts';

export interface Signer {
  /** Path and query of the request; `remember` where the same will be asked again. */
  target(asked: Asked, remember?: boolean): string;
}

export interface Asked {
  readonly method: string;
  readonly bucket: string;
  readonly key?: string;
  /** `x-amz-*` pairs are read as headers. */
  readonly query?: readonly Pair[];
}

export interface SignerOptions extends Credentials {
  readonly host: string;
}

const hourMs = 3_600_000;
const expiresSec = 604_800;
const rememberedMax = 20_000;

export function createSigner({ host, ...user }: SignerOptions): Signer {
  const wallMs = Date.now() - hourMs;
  const remembered = new Map<string, string>();

  const sign = ({ method, bucket, key, query = [] }: Asked): string => {
    const path = `/${bucket}${key === undefined ? '' : `/${uriEncode(key, true)}`}`;
    return presignedTarget({ method, host, path, query }, user, { wallMs, expiresSec });
  };

  return {
    target(asked, remember = true) {
      if (!remember) return sign(asked);
      const name = `${asked.method} ${asked.bucket}/${asked.key} ${asked.query?.join(' ') ?? ''}`;
      let found = remembered.get(name);
      if (found === undefined) {
        if (remembered.size >= rememberedMax) remembered.clear();
        found = sign(asked);
        remembered.set(name, found);
      }
      return found;
    },
  };
}
