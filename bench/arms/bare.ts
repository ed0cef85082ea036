// The upper bound of a Node server: one process of node:http that answers from memory; see bare-server.ts.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../test/support/ports.ts';
import type { Arm } from './arm.ts';
import { end } from './child.ts';
import { closePool, makeBucket, storeByPut } from './s3-client.ts';

export async function startBare(): Promise<Arm> {
  const [port = 0] = await freePorts(1);
  const script = fileURLToPath(new URL('../bare-server.js', import.meta.url));
  const child = spawn(process.execPath, [script, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`the bare server ended with ${code}`)));
  });
  const arm: Arm = {
    ...{ name: 'bare', origin: `http://127.0.0.1:${port}`, accessKey: 'bare', secretKey: 'bare', bucket: 'bench' },
    pids: [child.pid!],
    store: storeByPut(() => arm),
    stop: async () => {
      await closePool(arm.origin);
      await end(child);
    },
  };
  await makeBucket(arm);
  return arm;
}
