// Starts an echogate of our own in a temporary directory, and removes both.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/ports.ts';
import { type RunningServer, startServer } from '../../support/server.ts';
import { configText } from './server-config.ts';

export interface OwnServer {
  readonly endpoint: string;
  readonly adminUrl: string;
  readonly server: RunningServer;
  stop(): Promise<void>;
}

export async function startOwnServer(profile: 'aws' | 'rgw'): Promise<OwnServer> {
  const directory = await mkdtemp(join(tmpdir(), 'echogate-compat-'));
  const [s3, admin] = (await freePorts(2)) as [number, number];
  const file = join(directory, 'config.yaml');
  await writeFile(file, configText({ s3, admin }, join(directory, 'data'), profile));
  const adminUrl = `http://127.0.0.1:${admin}`;
  try {
    const server = await startServer({ args: ['serve', '--config', file], adminUrl, readyMsMax: 60_000 });
    const stop = async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    };
    return { endpoint: `http://127.0.0.1:${s3}`, adminUrl, server, stop };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}
