// Every setting that is one value, once: where it may be written, its kind with its bounds, its default and why that default.
// From this table come the schema of the file, the environment's names, the flags, `config show` and the table in docs.
import { availableParallelism } from 'node:os';
import { GiB, MiB, minuteMs, secondMs, TiB } from '../base/units.ts';
import { controlKnobs } from './control-knobs.ts';
import { address, bytes, choice, duration, flag, integer, list, path, proxies, secret, text } from './kinds.ts';
import { accessKeyKind, type Knob, knob, optional, secretKeyKind } from './knob.ts';

export { accessKeyKind, type Knob, secretKeyKind } from './knob.ts';

export const knobs = {
  listen: knob({
    path: 'listen',
    env: 'ECHOGATE_LISTEN',
    flag: 'listen',
    kind: () => address,
    default: { host: '127.0.0.1', port: 9000 },
    why: 'loopback: nobody is served by accident',
  }),
  port: optional({
    env: 'ECHOGATE_PORT',
    flag: 'port',
    kind: () => integer(0, 65_535),
    why: 'replaces the port of listen',
  }),
  admin: knob({
    path: 'admin',
    env: 'ECHOGATE_ADMIN',
    flag: 'admin',
    kind: () => address,
    default: { host: '127.0.0.1', port: 9001 },
    why: 'health, metrics and the API that the CLI speaks; apart from S3 so that a proxy never exposes it',
  }),
  adminPort: optional({
    env: 'ECHOGATE_ADMIN_PORT',
    flag: 'admin-port',
    kind: () => integer(0, 65_535),
    why: 'replaces the port of admin',
  }),
  adminToken: optional({
    path: 'adminToken',
    env: 'ECHOGATE_ADMIN_TOKEN',
    kind: () => secret(/^[\x21-\x7e]{16,256}$/, 'a token of 16–256 printable characters without spaces'),
    why: 'generated into the data directory when absent',
    secret: true,
  }),
  data: knob({
    path: 'data',
    env: 'ECHOGATE_DATA',
    flag: 'data',
    kind: path,
    default: './data',
    why: 'catalog, generated credentials and, unless partitions are listed, the default partitions',
  }),
  region: knob({
    path: 'region',
    env: 'ECHOGATE_REGION',
    flag: 'region',
    kind: () => text(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a region name such as us-east-1'),
    default: 'us-east-1',
    why: 'what every client uses when told nothing',
  }),
  domains: knob({
    path: 'domains',
    env: 'ECHOGATE_DOMAINS',
    flag: 'domains',
    kind: () => list(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, 'domain names'),
    default: ['localhost'],
    why: 'bucket.<domain> addresses a bucket (virtual-host style); *.localhost resolves to this machine everywhere',
  }),
  trustedProxies: knob({
    path: 'proxy.trusted',
    env: 'ECHOGATE_PROXY_TRUSTED',
    kind: () => proxies,
    default: [],
    why: 'X-Forwarded-* headers are believed only from proxies of yours',
  }),
  profile: knob<'aws' | 'rgw'>({
    path: 'compat.profile',
    env: 'ECHOGATE_COMPAT_PROFILE',
    flag: 'profile',
    kind: () => choice('aws', 'rgw'),
    default: 'aws',
    why: 'where AWS and Ceph differ, clients expect AWS',
  }),
  workers: knob({
    path: 'workers',
    env: 'ECHOGATE_WORKERS',
    flag: 'workers',
    kind: () => integer(1, 256),
    default: Math.max(2, availableParallelism()),
    why: 'one per core, and two at least, so that one serves while another is replaced',
  }),
  tlsCert: optional({
    path: 'tls.cert',
    env: 'ECHOGATE_TLS_CERT',
    flag: 'tls-cert',
    kind: path,
    why: 'certificate chain in PEM; plain HTTP without',
  }),
  tlsKey: optional({
    path: 'tls.key',
    env: 'ECHOGATE_TLS_KEY',
    flag: 'tls-key',
    kind: path,
    why: 'private key in PEM, of the certificate',
  }),
  accessKey: optional({
    env: 'ECHOGATE_ACCESS_KEY',
    kind: () => accessKeyKind,
    why: 'with the secret key: the first user, named main',
  }),
  secretKey: optional({
    env: 'ECHOGATE_SECRET_KEY',
    kind: () => secretKeyKind,
    why: 'with the access key: the first user, named main',
    secret: true,
  }),
  logLevel: knob<'silent' | 'error' | 'warn' | 'info' | 'debug'>({
    path: 'log.level',
    env: 'ECHOGATE_LOG_LEVEL',
    flag: 'log-level',
    kind: () => choice('silent', 'error', 'warn', 'info', 'debug'),
    default: 'info',
    why: 'starts, stops, reloads and every failure, but not every request',
  }),
  accessLog: knob({
    path: 'log.access',
    env: 'ECHOGATE_LOG_ACCESS',
    flag: 'log-access',
    kind: () => flag,
    default: false,
    why: 'one line per request is much to write; turn it on where somebody reads it',
  }),
  bytesInFlightMax: knob({
    path: 'limits.bytesInFlight',
    env: 'ECHOGATE_LIMITS_BYTES_IN_FLIGHT',
    kind: () => bytes(32 * MiB, 1 * TiB),
    default: 128 * MiB,
    why: 'per worker, bodies under way: sixteen blocks, enough for a disk array, little enough for a small machine',
  }),
  spaceReserveBytes: knob({
    path: 'limits.spaceReserve',
    env: 'ECHOGATE_LIMITS_SPACE_RESERVE',
    kind: () => bytes(16 * MiB, 1 * TiB),
    default: 256 * MiB,
    why: 'writes stop before it so that deletes and compaction can always free space',
  }),
  catalogBytesMax: knob({
    path: 'limits.catalogBytes',
    env: 'ECHOGATE_LIMITS_CATALOG_BYTES',
    kind: () => bytes(1 * GiB, 16 * TiB),
    default: 1 * TiB,
    why: 'address space for the catalog, not disk; lower it only where address space is limited',
  }),
  drainDelayMs: knob({
    path: 'drain.delay',
    env: 'ECHOGATE_DRAIN_DELAY',
    kind: () => duration(0, 5 * minuteMs),
    default: 0,
    why: 'between /readyz 503 and the closed listener; set it to what your load balancer needs to notice',
  }),
  drainMs: knob({
    path: 'drain.timeout',
    env: 'ECHOGATE_DRAIN_TIMEOUT',
    kind: () => duration(0, 60 * minuteMs),
    default: 30 * secondMs,
    why: 'what Kubernetes and systemd wait before they kill',
  }),
  scrubEveryDays: knob({
    path: 'scrub.everyDays',
    env: 'ECHOGATE_SCRUB_EVERY_DAYS',
    kind: () => integer(0, 365),
    default: 30,
    why: 'disks forget: every byte is read and checked so often, slowly; 0 leaves it to `echogate scrub`',
  }),
  ...controlKnobs,
} as const satisfies Record<string, Knob<never> | Knob<unknown>>;

export type KnobName = keyof typeof knobs;
export const knobNames = Object.keys(knobs) as KnobName[];

type ValueOf<K> = K extends Knob<infer T> ? T : never;
export type Settings = { readonly [N in KnobName]: ValueOf<(typeof knobs)[N]> };
