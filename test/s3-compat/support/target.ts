// Whom the suite talks to: our own server, or any endpoint named by S3_ENDPOINT.
import { inject } from 'vitest';

export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface TargetUser extends Credentials {
  readonly canonicalId: string;
  readonly displayName: string;
  readonly email: string;
}

export interface Target {
  readonly endpoint: string;
  readonly region: string;
  readonly main: TargetUser;
  readonly alt: TargetUser;
  /** Where each worker writes down what it exercised; absent when nothing is to be covered. */
  readonly coverageDirectory?: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    target: Target;
  }
}

export const target = inject('target');
export const { endpoint, region } = target;
const url = new URL(endpoint);
export const host = url.hostname;
export const secure = url.protocol === 'https:';
export const port = Number(url.port || (secure ? 443 : 80));
