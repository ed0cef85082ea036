// Named places where a trial lets a process die at once, as `kill -9` does, so that every state in which a crash can leave the
// storage is tried and not only those that chance hits. Nothing is armed in a normal run: `reached` compares once and returns.
// Each point is reached from one place; what lies on the disk when a process dies there is said behind its name.

export const crashPoints = {
  // PUT
  'put: first bytes taken': 'nothing is written',
  'put: one block durable': 'a body is there in part, and no row knows it',
  'put: all bytes durable': 'the bytes are there, and no row knows them',
  'put: before the commit': 'the same, with everything decided',
  'put: committed, not answered': 'the version is there, and its client does not know',

  // Packs that a process writes
  'shelf: block appended': 'the block waits in memory for its flush',
  'shelf: next pack opened': 'a full pack and an empty one',
  'shelf: pack ends': 'a pack full of blocks, without an index',
  'batch: pack opened': 'a batch for a bucket stands in memory',
  'batch: pack written': 'a batch is in its bucket, and nobody was told',
  'pack: reserved, not opened': 'a row without a pack',
  'pack: before its index': 'every block is durable, the index is not there',
  'pack: sealed, row not yet': 'a whole pack whose row says reserved',
  'pack rows: reserved': 'rows of packs that nobody will write',
  'pack rows: before sealing': 'ended packs whose rows say reserved',

  // Directories
  'directory: marker drafted': 'a partition that nobody claimed yet, and a draft in it',
  'directory: marker linked': 'a claimed partition, its draft still beside the marker',
  'directory: pack file made': 'an empty file whose entry is not durable',
  'directory: bytes written': 'bytes in the page cache, not flushed',
  'directory: flushed': 'bytes on the disk, and those who wait were not told',
  'directory: entry durable': 'the file has its durable name, perhaps not its bytes',
  'directory: before unlinking': 'packs whose rows say dead',
  'directory: file unlinked': 'some files gone, the directory not synced',
  'directory: unlinked durably': 'the files gone, their rows not',

  // The catalog
  'catalog: before a commit': 'nothing of the change',
  'catalog: commit queued': 'all of the change or nothing',
  'catalog: commit flushed': 'the change, and who made it was not told',

  // Areas
  'areas: first made': 'an area without objects',
  'areas: split': 'two areas, and the pilot does not know yet',

  // Multipart uploads
  'create upload: committed, not answered': 'an upload whose id nobody knows',
  'part: all bytes durable': 'the bytes are there, and no row knows them',
  'part: before the commit': 'the same, with the part before it still in place',
  'part: committed, not answered': 'the part is there, the one before it dropped',
  'complete: upload closed': 'an upload that takes no parts, and nobody completes it',
  'complete: parts joined': 'the same',
  'complete: some leftovers dropped': 'the same, without some parts that the list left out',
  'complete: before the commit': 'the same, with everything decided',
  'complete: committed, not answered': 'the object is there, its client asks again',
  'complete: refused, not opened again': 'a closed upload whose Complete was refused',
  'abort: upload closed': 'an upload that nobody can use, all parts there',
  'abort: some parts dropped': 'the same, with fewer parts',
  'abort: before the last commit': 'the same, with the last step decided',
  'abort: done, not answered': 'nothing of the upload',

  // Copies
  'copy: source read': 'nothing of the copy',
  'copy: before the commit': 'nothing of the copy, with everything decided',
  'copy: committed, not answered': 'two versions that share their bytes',
  'copy part: all bytes durable': 'a copy of bytes that no row knows',

  // Deletes, tags, ACLs
  'delete: before the commit': 'everything as before',
  'delete: before the marker': 'everything as before',
  'delete: committed, not answered': 'the version gone or covered, its client does not know',
  'tags or ACL: before the commit': 'everything as before',
  'tags or ACL: committed, not answered': 'the version with its new tags',

  // Buckets
  'create bucket: committed, not answered': 'a bucket whose owner does not know of it',
  'update bucket: committed, not answered': 'the bucket with its new settings',
  'delete bucket: closed': 'a bucket that takes no writes',
  'delete bucket: uploads aborted': 'the same, without its uploads',
  'delete bucket: removed, not answered': 'no bucket; areas and gone heads are left to upkeep',

  // The redo log
  'redo: before writing': 'commits that no log holds',
  'redo: frame appended': 'commits whose frame is not flushed',
  'redo: one copy written': 'commits in one of two logs',
  'redo: pack ends': 'a log pack without an index',

  // Sessions and the lease
  'session: opened, not announced': 'a live session that the supervisor has not heard of',
  'session: beaten': 'a heartbeat of a process that is gone',
  'session: before fencing': 'a dead process that could still commit',
  'session: fenced': 'a fenced session, and the supervisor was not told',
  'session: before its own end': 'packs sealed, log flushed, the session live',
  'lease: before it is taken': 'the last leader fenced, nobody leads',
  'lease: taken': 'a leader that does nothing',
  'watermark: raised': 'a watermark above what the pilot knows',

  // Counting
  'folding: before the commit': 'deltas and totals as before',
  'folding: folded': 'totals with the deltas, the deltas gone',

  // Collection
  'collection: before block rows go': 'dropped rows and their blocks',
  'collection: block rows gone': 'packs with dead bytes, some not yet counted',
  'collection: manifest shortened': 'a manifest without its front, its dropped row still there',
  'collection: manifest gone': 'a dropped row without a manifest',
  'packs: before some die': 'packs without live bytes',
  'packs: some died': 'rows that say dead, and their files',
  'packs: before files go': 'the same, no read needs them any more',
  'packs: files gone, rows not': 'dead rows without files',
  'packs: session forgotten': 'one fenced session less',

  // Compaction, and moves of blocks
  'compaction: blocks chosen': 'everything as before',
  'moving: blocks copied': 'a second copy, not sealed',
  'moving: copy sealed': 'a second copy, not read back',
  'moving: copy read back': 'a second copy, and every row points at the first',
  'moving: flipped': 'rows that point at the second copy, the first one dead',

  // Checkpoints
  'checkpoint: frame written': 'a part of a checkpoint',
  'checkpoint: written, not noted': 'a whole checkpoint that nobody knows',
  'checkpoint: noted': 'a new checkpoint, and logs that it covers',
  'checkpoint: before an old pack dies': 'the same',

  // Echoes
  'echo: claimed': 'a claim that nobody fills, until it runs out',
  'echo: packed': 'a whole pack whose bytes nobody counted',
  'echo: counted': 'a counted pack that no entry of the map names',
  'echo: ready, not said': 'an echo that may be read',
  'echo: entry gone': 'a pack that is still counted, and no entry names it',

  // Placement: what is moved, made of an echo, re-homed and divided
  'move: journalled': 'a move of which nothing is done',
  'move: batch moved': 'a part of an area on its new partition, and a row that says how much',
  'move: all moved, homes not': 'an area on its new partition whose new blocks still go to the old one',
  'move: homes follow': 'an area on its new partition, and a row of a move that is not over',
  'move: before its end': 'the row of a move that is over',
  'promotion: echo read back': 'everything as before',
  'promotion: entry taken': 'a counted pack that no entry of the map names',
  'promotion: flipped': 'a block whose copy was an echo, the first one dead',
  're-homing: homes changed, not told': 'an area with other homes',
  'division: divided, blocks not named': 'two areas, and all blocks count to the lower one',
  'division: some blocks named': 'two areas, and some blocks of the upper one count to the lower one',
  'division: before its end': 'the row of a division that is over',
  // Partitions that come and go
  'partition: noted': 'a row of a partition that nobody has made',
  'partition: made': 'a claimed directory or bucket, not tried out',
  'partition: tried out': 'the same, good for use, and nobody uses it',
  'partition: online, not said': 'a partition in use, and who asked for it does not know',
  'partition: undone, row not': 'a row of a partition that could not be made',
  'partition: draining, not said': 'a partition that takes nothing new',
  'partition: retired, not said': 'a partition that holds nothing',
  'partition: leaves': 'an empty directory or bucket that nobody uses any more',
  'directory: marker removed': 'an empty directory',
  'bucket: marker removed': 'an empty bucket',
  'partition: removed, row not': 'a row of a partition that is gone',

  // What upkeep removes besides
  'expiry: before a row goes': 'an area without a bucket',
  'gone heads: before they go': 'heads of deleted keys that the watermark has passed',
} as const;

export type CrashPoint = keyof typeof crashPoints;

let strike: ((point: CrashPoint) => void) | undefined;

export function reached(point: CrashPoint): void {
  if (strike !== undefined) strike(point);
}

/** For the process that a trial wants to see dying. */
export function armCrashPoints(act: (point: CrashPoint) => void): void {
  strike = act;
}
