// `env`: what aws-cli and the SDKs read, as lines for a shell.
import { say, sayJson } from './print.ts';
import { s3Access } from './server-access.ts';

const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

export function printEnv(options: { data?: string; config?: string; json?: boolean } & object): void {
  const { endpoint, region, accessKey, secretKey } = s3Access(options);
  const variables = {
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL_S3: endpoint,
  };
  if (options.json) sayJson({ env: variables });
  else for (const [name, value] of Object.entries(variables)) say(`export ${name}=${quoted(value)}`);
}
