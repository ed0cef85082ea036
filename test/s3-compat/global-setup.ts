// One server for the whole run, and after it the coverage table: what was exercised, against what the operations declare.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { checkCoverage } from './support/coverage.ts';
import { startOwnServer } from './support/own-server.ts';
import { region, users } from './support/server-config.ts';
import type { TargetUser } from './support/target.ts';

function userFrom(prefix: string, fallback: TargetUser): TargetUser {
  const read = (name: string, otherwise: string) => process.env[`${prefix}_${name}`] ?? otherwise;
  return {
    accessKey: read('ACCESS_KEY', fallback.accessKey),
    secretKey: read('SECRET_KEY', fallback.secretKey),
    canonicalId: read('CANONICAL_ID', fallback.canonicalId),
    displayName: read('DISPLAY_NAME', fallback.displayName),
    email: read('EMAIL', fallback.email),
  };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const elsewhere = process.env.S3_ENDPOINT;
  if (elsewhere) {
    project.provide('target', {
      endpoint: elsewhere,
      region: process.env.S3_REGION ?? region,
      main: userFrom('S3', users.main),
      alt: userFrom('S3_ALT', users.alt),
    });
    return async () => {};
  }
  const coverageDirectory = await mkdtemp(join(tmpdir(), 'echogate-coverage-'));
  const own = await startOwnServer('aws');
  project.provide('target', { endpoint: own.endpoint, region, ...users, coverageDirectory });
  return async () => {
    await own.stop();
    const complaints = await checkCoverage(coverageDirectory);
    await rm(coverageDirectory, { recursive: true, force: true });
    if (complaints.length === 0) return;
    console.error(`\ncoverage:\n${complaints.map((line) => `  ${line}`).join('\n')}\n`);
    process.exitCode = 1;
  };
}
