// Where the running server is and how to speak to it: the files of its data directory, or the environment for one elsewhere.
import { resolve } from 'node:path';
import { readRunFile } from '../main/run-file.ts';
import { readAdminToken, readCredentials } from '../main/secrets.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { knobFlags, settings } from './settings.ts';

export interface WhereOptions {
  readonly data?: string;
  readonly config?: string;
}

export interface S3Access {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const notRunning = (data: string): CommandError =>
  new CommandError(`no echogate is running on ${data}`, {
    exitCode: exitCodes.unreachable,
    next: `Start one with: echogate up ${data}   (or name another data directory with --data)`,
  });

function dataOf(options: WhereOptions): string {
  if (options.config === undefined) return resolve(options.data ?? process.env.ECHOGATE_DATA ?? './data');
  return settings(knobFlags({ ...options }), { file: options.config }).config.data;
}

/** Endpoint and keys for S3 requests: environment, else the configuration's first user, else the generated keys. */
export function s3Access(options: WhereOptions): S3Access {
  const { env } = process;
  const data = dataOf(options);
  const run = readRunFile(data);
  const endpoint = env.ECHOGATE_ENDPOINT ?? run?.endpoint;
  if (endpoint === undefined) throw notRunning(data);
  const region = env.ECHOGATE_REGION ?? run?.region ?? 'us-east-1';
  const { ECHOGATE_ACCESS_KEY: accessKey, ECHOGATE_SECRET_KEY: secretKey } = env;
  if (accessKey && secretKey) return { endpoint, region, accessKey, secretKey };
  if (accessKey || secretKey) {
    const [set, missing] = accessKey ? ['ACCESS', 'SECRET'] : ['SECRET', 'ACCESS'];
    throw new CommandError(`ECHOGATE_${set}_KEY needs ECHOGATE_${missing}_KEY beside it`, {
      exitCode: exitCodes.badConfig,
    });
  }
  if (options.config !== undefined) {
    const [user] = settings(knobFlags({ ...options }), { file: options.config }).config.users;
    if (user !== undefined) return { endpoint, region, accessKey: user.accessKey, secretKey: user.secretKey };
  }
  const generated = readCredentials(data);
  if (generated !== undefined) return { endpoint, region, ...generated };
  throw new CommandError(`${data} holds no generated keys: this server has its own users`, {
    next: 'Set ECHOGATE_ACCESS_KEY and ECHOGATE_SECRET_KEY, or name the configuration with --config FILE.',
  });
}

export interface AdminClient {
  request(verb: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Record<string, unknown>>;
}

export function adminClient(options: WhereOptions): AdminClient {
  const { env } = process;
  const data = env.ECHOGATE_ADMIN_URL === undefined || !env.ECHOGATE_ADMIN_TOKEN ? dataOf(options) : '';
  const url = env.ECHOGATE_ADMIN_URL ?? readRunFile(data)?.adminUrl;
  if (url === undefined) throw notRunning(data);
  const configured =
    options.config === undefined ? undefined : settings({}, { file: options.config }).config.adminToken;
  const token = env.ECHOGATE_ADMIN_TOKEN ?? configured ?? readAdminToken(data);
  if (token === undefined) {
    throw new CommandError(`no admin token in ${data}`, {
      next: 'Set ECHOGATE_ADMIN_TOKEN, or name the right --data directory.',
    });
  }
  return { request: (verb, path, body) => request(new URL(path, url), token, verb, body) };
}

async function request(url: URL, token: string, verb: string, body?: object): Promise<Record<string, unknown>> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: verb,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const cause = (error as Error).cause as Error | undefined;
    throw new CommandError(
      `the server at ${url.origin} does not answer: ${cause?.message ?? (error as Error).message}`,
      {
        exitCode: exitCodes.unreachable,
        next: 'Is it running? Start it with: echogate up',
      },
    );
  }
  const answer = (await response.json()) as Record<string, unknown> & { error?: { code: string; message: string } };
  if (response.ok) return answer;
  const exitCode = response.status === 503 || response.status === 504 ? exitCodes.temporary : exitCodes.failed;
  throw new CommandError(answer.error?.message ?? `the server answered ${response.status}`, { exitCode });
}
