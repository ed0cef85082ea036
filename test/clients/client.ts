// Port: one S3 client program as its users run it, with its default settings.
import { spawn } from 'node:child_process';

export interface Endpoint {
  readonly url: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** PEM file of the certificate to trust, for https. */
  readonly caFile?: string;
}

export interface Client {
  readonly name: string;
  makeBucket(bucket: string): Promise<void>;
  upload(folder: string, bucket: string): Promise<void>;
  download(bucket: string, folder: string): Promise<void>;
  /** A presigned GET URL; undefined where the program has none. */
  presign(bucket: string, key: string): Promise<string | undefined>;
  /** Compares by the program's own means, where it has one. */
  check?(folder: string, bucket: string): Promise<void>;
  removeBucket(bucket: string): Promise<void>;
}

const { AWS_CA_BUNDLE: _, ...inherited } = process.env; // a bundle of this machine's own confuses rclone

export const environment = (endpoint: Endpoint): NodeJS.ProcessEnv => ({
  ...inherited,
  AWS_ACCESS_KEY_ID: endpoint.accessKey,
  AWS_SECRET_ACCESS_KEY: endpoint.secretKey,
  AWS_REGION: endpoint.region,
  AWS_DEFAULT_REGION: endpoint.region,
  AWS_ENDPOINT_URL_S3: endpoint.url,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  PYTHONWARNINGS: 'ignore',
  ...(endpoint.caFile === undefined ? {} : { AWS_CA_BUNDLE: endpoint.caFile }),
});

/** Runs a program to its end; rejects with the tail of what it printed when it fails. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', failed);
    child.once('exit', (code) =>
      code === 0
        ? done(output)
        : failed(new Error(`${command} ${args.slice(0, 4).join(' ')} …: exit ${code}\n${output.slice(-3000)}`)),
    );
  });
}
