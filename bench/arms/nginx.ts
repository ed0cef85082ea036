// nginx as Debian ships it, serving the same objects as files: sendfile on, as many workers as cores. Its own configuration, folder
// and process id; nothing of an installed nginx is touched.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePorts } from '../../test/support/ports.ts';
import { familyOf } from '../process-figures.ts';
import type { Arm } from './arm.ts';
import { end } from './child.ts';

/** Debian keeps it where the PATH of a user may not reach. */
const binary = ['nginx', '/usr/sbin/nginx'].find((path) => spawnSync(path, ['-v']).error === undefined);

export const nginxMissing = (): string | undefined =>
  binary === undefined ? 'nginx is not installed (Debian and Ubuntu: apt-get install nginx)' : undefined;

export async function startNginx(dir: string): Promise<Arm> {
  const [port = 0] = await freePorts(1);
  const root = join(dir, 'root');
  mkdirSync(root, { recursive: true });
  const config = join(dir, 'nginx.conf');
  writeFileSync(config, configOf(dir, root, port));
  const child = spawn(binary!, ['-c', config, '-e', join(dir, 'error.log')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const origin = `http://127.0.0.1:${port}`;
  for (let tries = 0; (await fetch(origin).catch(() => undefined)) === undefined; tries++) {
    if (tries > 100 || child.exitCode !== null) {
      await end(child);
      throw new Error(`nginx does not answer; see the lines above`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return {
    ...{ name: 'nginx', origin, accessKey: 'nginx', secretKey: 'nginx', bucket: 'bench' },
    pids: familyOf(child.pid!),
    store: async (key, bytes) => {
      const path = join(root, 'bench', key);
      if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    },
    stop: () => end(child),
  };
}

const configOf = (dir: string, root: string, port: number): string => `
daemon off;
${process.getuid?.() === 0 ? 'user root; # its folder is ours alone' : ''}
worker_processes auto;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${root};
  }
}
`;
