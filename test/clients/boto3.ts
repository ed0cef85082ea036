// boto3: `upload_file` and `download_file`, default checksums.
import { join } from 'node:path';
import { type Client, type Endpoint, environment, run } from './client.ts';

export function boto3(endpoint: Endpoint): Client {
  const script = join(process.cwd(), 'test/clients/carry_tree.py');
  const python = (...args: string[]) => run('python3', [script, ...args], environment(endpoint));
  return {
    name: 'boto3',
    makeBucket: async (bucket) => void (await python('mb', bucket)),
    upload: async (folder, bucket) => void (await python('up', bucket, folder)),
    download: async (bucket, folder) => void (await python('down', bucket, folder)),
    presign: async (bucket, key) => (await python('presign', bucket, key)).trim(),
    removeBucket: async (bucket) => void (await python('rb', bucket)),
  };
}
