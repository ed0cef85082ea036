// The configuration that the suite's own servers run with.
import type { Target, TargetUser } from './target.ts';

const user = (name: string, digit: string): TargetUser => ({
  accessKey: `compat-${name}`,
  secretKey: `compat-${name}-secret-of-the-suite`,
  canonicalId: digit.repeat(64),
  displayName: `${name} of the suite`,
  email: `${name}@example.com`,
});

export const users = { main: user('main', 'a'), alt: user('alt', 'b') } as const;

export const region: Target['region'] = 'us-east-1';

export const configText = (ports: { s3: number; admin: number }, data: string, profile: 'aws' | 'rgw'): string =>
  [
    `listen: 127.0.0.1:${ports.s3}`,
    `admin: 127.0.0.1:${ports.admin}`,
    `data: ${JSON.stringify(data)}`,
    `region: ${region}`,
    'workers: 2',
    `compat: { profile: ${profile} }`,
    'users:',
    ...Object.entries(users).map(([name, entry]) => `  - ${JSON.stringify({ name, ...entry })}`),
    '',
  ].join('\n');
