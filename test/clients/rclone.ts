// rclone: copy up, copy down, and its own `check`.
import { type Client, type Endpoint, environment, run } from './client.ts';

export function rclone(endpoint: Endpoint): Client {
  const remote = `:s3,provider=Other,env_auth=true,region=${endpoint.region},endpoint="${endpoint.url}":`;
  const trust = endpoint.caFile === undefined ? [] : ['--ca-cert', endpoint.caFile];
  const { AWS_CA_BUNDLE: _, ...env } = environment(endpoint); // it takes --ca-cert and fails on the bundle
  const call = (...args: string[]) =>
    run('rclone', [...args, '--config', '/dev/null', '--retries', '1', ...trust], env);
  return {
    name: 'rclone',
    makeBucket: async (bucket) => void (await call('mkdir', `${remote}${bucket}`)),
    upload: async (folder, bucket) => void (await call('copy', folder, `${remote}${bucket}`)),
    download: async (bucket, folder) => void (await call('copy', `${remote}${bucket}`, folder)),
    presign: async () => undefined,
    check: async (folder, bucket) => void (await call('check', folder, `${remote}${bucket}`)),
    removeBucket: async (bucket) => void (await call('purge', `${remote}${bucket}`)),
  };
}
