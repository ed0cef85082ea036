// The tests' own signer, for the region of the server under test.
import { type Credentials, type Signable, type Signed, sign as signIn } from '../../support/sign.ts';
import { region } from './target.ts';

export { sha256, signedChunks } from '../../support/sign.ts';

export const sign = (request: Signable, user: Credentials, at = new Date()): Signed =>
  signIn(request, user, { at, region });
