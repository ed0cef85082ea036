// What a setting that is one value is made of, and the kinds that users' keys share with it.
import { type Kind, secret, text } from './kinds.ts';

export interface Knob<T> {
  /** Dotted place in the file; absent = not in the file. */
  readonly path?: string;
  /** Name in the environment. `<name>_FILE` names a file that holds the value. */
  readonly env?: string;
  readonly flag?: string;
  /** `base` is the folder that relative paths start from. */
  readonly kind: (base: string) => Kind<T>;
  readonly default: T | undefined;
  readonly why: string;
  readonly secret?: true;
}

export const knob = <T>(row: Knob<T>): Knob<T> => row;
export const optional = <T>(row: Omit<Knob<T>, 'default'>): Knob<T | undefined> => ({ ...row, default: undefined });

export const accessKeyKind = text(/^[A-Za-z0-9_.+-]{1,128}$/, 'an access key (1–128 letters, digits or ._+-)');
export const secretKeyKind = secret(
  /^[\x21-\x7e]{8,256}$/,
  'a secret key of 8–256 printable characters without spaces',
);
