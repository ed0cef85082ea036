// The disk behind a recording: what of it is safe at a moment, and what may or may not survive a power cut there. The model:
//   - Bytes are safe once an fsync or fdatasync of their file (through any descriptor) began after the write had ended, and succeeded;
//     bytes of a write-through descriptor once that write has ended. Of anything else any part may survive, sector by sector.
//   - What a failed sync was to cover is never safe any more, whatever later ones say (the kernel marks the pages clean), until it is
//     written again. Kept or lost, by chance.
//   - Names (new, renamed, removed) are safe once an fsync of their folder began after them and succeeded; an fsync of the file does
//     not help, which is stricter than ext4. A rename is whole or not at all.
// Nothing is assumed of the order in which unflushed things reach the disk.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Survival } from '../../../unit/partition/fake-disk.ts';
import type { Call } from './read-recording.ts';

type Node = FileNode | FolderNode;

interface FolderNode {
  readonly is: 'folder';
  readonly safe: Map<string, Node>;
  readonly live: Map<string, Node>;
}

interface FileNode {
  readonly is: 'file';
  safe: Buffer; // longer than `size`, so that it can grow
  size: number;
  unsafe: Piece[];
}

/** Of one write; cut smaller where something newer became safe. */
interface Piece {
  readonly beganAt: number;
  endedAt: number;
  readonly offset: number;
  readonly bytes: Buffer;
  isDoomed: boolean;
}

interface Renaming {
  readonly endedAt: number;
  readonly changes: readonly (readonly [folder: FolderNode, name: string, node: Node | undefined])[];
}

const folderNode = (): FolderNode => ({ is: 'folder', safe: new Map(), live: new Map() });

export class DiskImage {
  readonly #root: string;
  readonly #top = folderNode();
  readonly #files = new Map<bigint, FileNode>();
  readonly #begun = new Map<
    bigint,
    { readonly at: number; readonly call: Call; readonly piece?: Piece; readonly file?: FileNode }
  >();
  #renamings: Renaming[] = [];
  #now = 0;
  /** Syncs that failed so far. */
  failedSyncs = 0;

  /** `root` is what was watched. */
  constructor(root: string) {
    this.#root = root;
  }

  apply(call: Call): void {
    this.#now += 1;
    if (call.phase === 'begin') this.#begin(call);
    else this.#end(call);
  }

  #end(call: Call): void {
    const begun = this.#begun.get(call.id);
    this.#begun.delete(call.id);
    if (call.kind === 'open') this.#opened(call);
    else if (call.kind === 'write') this.#written(call, begun!.file, begun!.piece);
    else if (call.kind === 'sync') this.#synced(call, begun!.at);
    // Cut to length is only LMDB's lock file, which is not looked at.
    else if (call.kind !== 'truncate' && call.result === 0) this.#renamed(begun!.call);
  }

  /** What of the unsafe survives now, under `target`; `nothing` of it when no survival is given. */
  write(target: string, survival: Survival, skip: (path: string) => boolean): void {
    const kept = new Map<FolderNode, Map<string, Node>>();
    const entriesOf = (folder: FolderNode): Map<string, Node> => {
      const found = kept.get(folder) ?? new Map(folder.safe);
      kept.set(folder, found);
      return found;
    };
    for (const { changes } of this.#renamings) {
      if (!survival.entry()) continue;
      for (const [folder, name, node] of changes) {
        if (node === undefined) entriesOf(folder).delete(name);
        else entriesOf(folder).set(name, node);
      }
    }
    const build = (folder: FolderNode, path: string): void => {
      mkdirSync(path, { recursive: true });
      for (const [name, node] of entriesOf(folder)) {
        const place = join(path, name);
        if (node.is === 'folder') build(node, place);
        else if (!skip(place)) writeFileSync(place, imageOf(node, survival));
      }
    };
    build(this.#top, target);
  }

  #begin(call: Call): void {
    if (call.kind !== 'write') {
      this.#begun.set(call.id, { at: this.#now, call });
      return;
    }
    const file = this.#files.get(call.inode);
    if (file === undefined) throw new Error(`a write to a file that nobody opened (inode ${call.inode})`);
    const piece: Piece = {
      beganAt: this.#now,
      endedAt: Number.POSITIVE_INFINITY,
      offset: call.offset,
      bytes: call.bytes,
      isDoomed: false,
    };
    file.unsafe.push(piece);
    this.#begun.set(call.id, { at: this.#now, call, piece, file });
  }

  #opened({ path, inode, cutOff }: Call): void {
    const [folder, name] = this.#place(path);
    const found = folder.live.get(name);
    if (found?.is === 'file') {
      if (cutOff) Object.assign(found, { size: 0, unsafe: [] });
      this.#files.set(inode, found);
      return;
    }
    const file: FileNode = { is: 'file', safe: Buffer.alloc(0), size: 0, unsafe: [] };
    this.#files.set(inode, file);
    this.#change([[folder, name, file]]);
  }

  #written({ result, writtenThrough }: Call, file: FileNode | undefined, piece: Piece | undefined): void {
    if (file === undefined || piece === undefined) return;
    if (result < 0) {
      piece.isDoomed = true;
      return;
    }
    piece.endedAt = this.#now;
    if (writtenThrough) makeSafe(file, (one) => one === piece);
  }

  #synced({ result, inode, path, ofFolder }: Call, beganAt: number): void {
    if (result !== 0) this.failedSyncs += 1;
    if (ofFolder) {
      const folder = this.#folder(path);
      if (result !== 0) return; // a journal that fails lets no later fsync succeed, so nothing is said here
      const isSafe = ({ endedAt, changes }: Renaming): boolean =>
        endedAt < beganAt && changes.some(([changed]) => changed === folder);
      for (const { changes } of this.#renamings.filter(isSafe)) {
        for (const [changed, name, node] of changes) {
          if (node === undefined) changed.safe.delete(name);
          else changed.safe.set(name, node);
        }
      }
      this.#renamings = this.#renamings.filter((one) => !isSafe(one));
      return;
    }
    const file = this.#files.get(inode);
    if (file === undefined) return;
    const covered = (piece: Piece): boolean => piece.endedAt < beganAt && !piece.isDoomed;
    if (result === 0) makeSafe(file, covered);
    else for (const piece of file.unsafe.filter(covered)) piece.isDoomed = true;
  }

  #renamed({ kind, path, other }: Call): void {
    const [folder, name] = this.#place(path);
    const node = kind === 'mkdir' ? folderNode() : folder.live.get(name);
    if (node === undefined) throw new Error(`${kind} of ${path}, which was never made`);
    const gone = [folder, name, undefined] as const;
    if (kind === 'mkdir') this.#change([[folder, name, node]]);
    else if (kind === 'unlink') this.#change([gone]);
    else this.#change([[...this.#place(other), node], ...(kind === 'rename' ? [gone] : [])]);
  }

  #change(changes: Renaming['changes']): void {
    for (const [folder, name, node] of changes) {
      if (node === undefined) folder.live.delete(name);
      else folder.live.set(name, node);
    }
    this.#renamings.push({ endedAt: this.#now, changes });
  }

  #place(path: string): [FolderNode, string] {
    return [this.#folder(dirname(path)), path.slice(path.lastIndexOf('/') + 1)];
  }

  #folder(path: string): FolderNode {
    let folder: Node | undefined = this.#top;
    for (const name of path.slice(this.#root.length).split('/').filter(Boolean)) {
      folder = folder?.is === 'folder' ? folder.live.get(name) : undefined;
    }
    if (folder?.is !== 'folder') throw new Error(`${path} is no folder that was made`);
    return folder;
  }
}

/** What is older lies under what became safe, and can no longer come back. */
function makeSafe(file: FileNode, which: (piece: Piece) => boolean): void {
  const safe = new Set(file.unsafe.filter(which));
  if (safe.size === 0) return;
  const end = [...safe].reduce((most, { offset, bytes }) => Math.max(most, offset + bytes.length), file.size);
  if (end > file.safe.length) {
    const grown = Buffer.alloc(2 * end);
    file.safe.copy(grown, 0, 0, file.size);
    file.safe = grown;
  }
  file.size = end;
  let left = file.unsafe.filter((piece) => !safe.has(piece));
  for (const { offset, bytes, beganAt } of safe) {
    bytes.copy(file.safe, offset);
    const isOlder = (piece: Piece): boolean => piece.endedAt < beganAt || (piece.isDoomed && piece.beganAt < beganAt);
    if (left.some(isOlder)) {
      left = left.flatMap((piece) => (isOlder(piece) ? without(piece, offset, offset + bytes.length) : [piece]));
    }
  }
  file.unsafe = left;
}

function without(piece: Piece, start: number, end: number): Piece[] {
  const { offset, bytes } = piece;
  const pieceEnd = offset + bytes.length;
  if (end <= offset || start >= pieceEnd) return [piece];
  const head = start > offset ? [{ ...piece, bytes: bytes.subarray(0, start - offset) }] : [];
  const tail = end < pieceEnd ? [{ ...piece, offset: end, bytes: bytes.subarray(end - offset) }] : [];
  return [...head, ...tail];
}

function imageOf({ safe, size, unsafe }: FileNode, survival: Survival): Buffer {
  const pieces = unsafe.flatMap(({ offset, bytes }) =>
    survival
      .pieces(offset, bytes.length)
      .map(({ start, end }) => ({ at: offset + start, bytes: bytes.subarray(start, end) })),
  );
  if (pieces.length === 0) return safe.subarray(0, size);
  const image = Buffer.alloc(pieces.reduce((most, { at, bytes }) => Math.max(most, at + bytes.length), size));
  safe.copy(image, 0, 0, size);
  for (const { at, bytes } of pieces) bytes.copy(image, at);
  return image;
}
