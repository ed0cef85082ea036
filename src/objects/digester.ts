// Digests of a body while it streams: MD5 always (the ETag), and the checksum algorithms that were declared or asked for.
// Each algorithm uses the fastest implementation at hand; CRC64NVME runs in WebAssembly, whose instances are kept for reuse.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { createCRC64, type IHasher } from 'hash-wasm';
import type { ChecksumName } from '../base/fault.ts';
import type { Digests } from './upload-body.ts';

export interface Digester {
  update(chunk: Uint8Array): void;
  /** Call once, after the last update. */
  digests(): Digests;
}

interface Running {
  update(chunk: Uint8Array): void;
  /** Raw big-endian bytes. */
  finish(): Buffer;
}

/** Starts digesting; `algorithms` may name one twice. */
export async function createDigester(algorithms: Iterable<ChecksumName>): Promise<Digester> {
  const running = new Map<ChecksumName, Running>();
  for (const algorithm of algorithms) {
    if (!running.has(algorithm)) running.set(algorithm, await start(algorithm));
  }
  const checksums = [...running];
  const md5 = createHash('md5');
  let size = 0;
  return {
    update(chunk) {
      size += chunk.length;
      md5.update(chunk);
      for (const [, one] of checksums) one.update(chunk);
    },
    digests: () => ({
      size,
      md5: md5.digest(),
      checksums: new Map(checksums.map(([algorithm, one]) => [algorithm, one.finish().toString('base64')])),
    }),
  };
}

/** Number of bytes of a raw checksum. */
export const checksumBytes: Readonly<Record<ChecksumName, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

async function start(algorithm: ChecksumName): Promise<Running> {
  switch (algorithm) {
    case 'CRC32':
      return crcOf(crc32);
    case 'CRC32C':
      return crcOf(crc32c);
    case 'CRC64NVME':
      return crc64();
    case 'SHA1':
      return hashOf('sha1');
    case 'SHA256':
      return hashOf('sha256');
  }
}

function crcOf(next: (data: Uint8Array, state: number) => number): Running {
  let state = 0;
  return {
    update(chunk) {
      state = next(chunk, state);
    },
    finish() {
      const bytes = Buffer.allocUnsafe(4);
      bytes.writeUInt32BE(state);
      return bytes;
    },
  };
}

function hashOf(name: string): Running {
  const hash = createHash(name);
  return {
    update(chunk) {
      hash.update(chunk);
    },
    finish: () => hash.digest(),
  };
}

// NVMe's polynomial, bit-reversed as hash-wasm wants it. An instance costs a WebAssembly memory, so finished ones are kept.
const nvmePolynomial = '9a6c9329ac4bc9b5';
const idleMax = 32;
const idle: IHasher[] = [];

async function crc64(): Promise<Running> {
  const hasher = idle.pop() ?? (await createCRC64(nvmePolynomial));
  hasher.init();
  return {
    update(chunk) {
      hasher.update(chunk);
    },
    finish() {
      const bytes = Buffer.from(hasher.digest('hex'), 'hex');
      if (idle.length < idleMax) idle.push(hasher);
      return bytes;
    },
  };
}
