// aws-cli: `aws s3 cp --recursive`, default checksums.
import { type Client, type Endpoint, environment, run } from './client.ts';

export function awsCli(endpoint: Endpoint): Client {
  const aws = (...args: string[]) => run('aws', ['s3', ...args], environment(endpoint));
  return {
    name: 'aws-cli',
    makeBucket: async (bucket) => void (await aws('mb', `s3://${bucket}`)),
    upload: async (folder, bucket) =>
      void (await aws('cp', '--recursive', '--only-show-errors', folder, `s3://${bucket}/`)),
    download: async (bucket, folder) =>
      void (await aws('cp', '--recursive', '--only-show-errors', `s3://${bucket}/`, folder)),
    presign: async (bucket, key) => (await aws('presign', `s3://${bucket}/${key}`)).trim(),
    removeBucket: async (bucket) => void (await aws('rb', '--force', `s3://${bucket}`)),
  };
}
