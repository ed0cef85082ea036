// An S3 server that the user started: `--against name=url,accessKey,secretKey`. Gets a bucket of its own, removed afterwards.
import type { Arm } from './arm.ts';
import { closePool, makeBucket, removeBucket, storeByPut } from './s3-client.ts';

export interface Outside {
  readonly name: string;
  readonly origin: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** A sentence where the text is no such thing. */
export function parseOutside(text: string): Outside | string {
  const [, name, url, accessKey, secretKey] = /^([\w-]+)=([^,]+),([^,]+),(.+)$/.exec(text) ?? [];
  if (name === undefined || !URL.canParse(url!)) return `--against wants name=url,accessKey,secretKey, not ${text}`;
  const { origin, hostname } = new URL(url!);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
    return `--against ${name}: a bench loads servers of this machine only (127.0.0.1, [::1]), not ${hostname}`;
  }
  return { name, origin, accessKey: accessKey!, secretKey: secretKey! };
}

export async function useOutside({ name, ...where }: Outside): Promise<Arm> {
  const bucket = `echogate-bench-${process.pid}-${Date.now()}`;
  const arm: Arm = {
    ...{ name, ...where, bucket },
    pids: [],
    store: storeByPut(() => arm),
    stop: async () => {
      await removeBucket(arm);
      await closePool(arm.origin);
    },
  };
  await makeBucket(arm);
  return arm;
}
