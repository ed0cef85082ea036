// The few file calls that a directory partition makes. A seam, so that tests can lose unflushed writes and fail the n-th call.
import fs from 'node:fs';

export interface FileFacts {
  readonly size: number;
  readonly modifiedMs: number;
}

export interface FileLayer {
  open(path: string, flags: string): Promise<number>;
  close(fd: number): Promise<void>;
  /** May write less than asked for. */
  writev(fd: number, chunks: readonly Uint8Array[], position: number): Promise<number>;
  read(fd: number, into: Buffer, offset: number, length: number, position: number): Promise<number>;
  readSync(fd: number, into: Buffer, offset: number, length: number, position: number): number;
  size(fd: number): Promise<number>;
  fdatasync(fd: number): Promise<void>;
  /** Makes the entries of a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Its parent must exist; one that exists is fine. */
  makeDirectory(path: string): Promise<void>;
  /** Fails with EEXIST if `to` exists. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Fails with ENOTEMPTY if it holds anything. */
  removeDirectory(path: string): Promise<void>;
  readWhole(path: string): Promise<Buffer>;
  names(path: string): Promise<string[]>;
  facts(path: string): Promise<FileFacts>;
  space(path: string): Promise<{ totalBytes: number; freeBytes: number; availableBytes: number }>;
}

type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

/** Callbacks on plain descriptors cost less than FileHandle objects, and a descriptor serves the synchronous read too. */
const call = <T = void>(start: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value as T))));

const open = (path: string, flags: string): Promise<number> => call((done) => fs.open(path, flags, 0o640, done));
const close = (fd: number): Promise<void> => call((done) => fs.close(fd, done));

export const systemFileLayer: FileLayer = {
  open,
  close,
  writev: (fd, chunks, position) => call((done) => fs.writev(fd, chunks as Uint8Array[], position, done)),
  read: (fd, into, offset, length, position) => call((done) => fs.read(fd, into, offset, length, position, done)),
  readSync: fs.readSync,
  size: async (fd) => (await call<fs.Stats>((done) => fs.fstat(fd, done))).size,
  fdatasync: (fd) => call((done) => fs.fdatasync(fd, done)),
  syncDirectory: async (path) => {
    const fd = await open(path, 'r');
    try {
      await call((done) => fs.fsync(fd, done));
    } finally {
      await close(fd);
    }
  },
  makeDirectory: async (path) => {
    try {
      await call((done) => fs.mkdir(path, 0o750, done));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  },
  link: (from, to) => call((done) => fs.link(from, to, done)),
  unlink: (path) => call((done) => fs.unlink(path, done)),
  removeDirectory: (path) => call((done) => fs.rmdir(path, done)),
  readWhole: (path) => call<Buffer>((done) => fs.readFile(path, done)),
  names: (path) => call<string[]>((done) => fs.readdir(path, done)),
  facts: async (path) => {
    const { size, mtimeMs } = await call<fs.Stats>((done) => fs.stat(path, done));
    return { size, modifiedMs: mtimeMs };
  },
  space: async (path) => {
    const { bsize, blocks, bfree, bavail } = await call<fs.StatsFs>((done) => fs.statfs(path, done));
    return { totalBytes: bsize * blocks, freeBytes: bsize * bfree, availableBytes: bsize * bavail };
  },
};
