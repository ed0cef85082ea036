// Rows while they are gathered: each with the run and stamp of the commit that wrote it, and the greatest stamp wins. So logs of
// many processes, and copies of them, can be read in any order, and no more is held than one batch. The rows wait in a catalog
// of their own.
import type { Catalog, Write } from '../../catalog/catalog.ts';
import { compareRedo, type RedoEntry } from '../../objects/redo-frame.ts';
import { walkPages } from '../walk-rows.ts';
import { writeInSteps } from '../write-in-steps.ts';

type Stamp = Omit<RedoEntry, 'writes'>;

interface Stamped extends Stamp {
  readonly key: Buffer;
  /** Absent: the commit removed the row. */
  readonly value: Buffer | undefined;
}

const batchRows = 20_000;
const headBytes = 13;

export class StampedRows {
  readonly #scratch: Catalog;
  #batch = new Map<string, Stamped>();

  constructor(scratch: Catalog) {
    this.#scratch = scratch;
  }

  async add({ run, stamp }: Stamp, writes: readonly Write[]): Promise<void> {
    for (const [key, value] of writes) {
      const name = key.toString('latin1');
      const before = this.#batch.get(name);
      if (before === undefined || compareRedo(before, { run, stamp }) <= 0)
        this.#batch.set(name, { run, stamp, key, value });
    }
    if (this.#batch.size >= batchRows) await this.flush();
  }

  async flush(): Promise<void> {
    const writes: Write[] = [];
    for (const row of this.#batch.values()) {
      const before = await this.#scratch.get(row.key);
      if (before === undefined || compareRedo(decode(before.key, before.value), row) <= 0)
        writes.push([row.key, encode(row)]);
    }
    this.#batch = new Map();
    await writeInSteps(this.#scratch, writes);
  }

  /** Pages of what stands at the end. */
  async *standing(): AsyncGenerator<(readonly [key: Buffer, value: Buffer])[], void> {
    for await (const rows of walkPages(this.#scratch, Buffer.of(1), Buffer.of(0xff))) {
      yield rows.flatMap(({ key, value: bytes }) => {
        const { value } = decode(key, bytes);
        return value === undefined ? [] : [[key, value] as const];
      });
    }
  }
}

function encode({ run, stamp, value }: Stamped): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(run, 0);
  head.writeBigUInt64BE(BigInt(stamp), 4);
  head.writeUInt8(value === undefined ? 0 : 1, 12);
  return value === undefined ? head : Buffer.concat([head, value]);
}

function decode(key: Buffer, bytes: Buffer): Stamped {
  return {
    key,
    run: bytes.readUInt32BE(0),
    stamp: Number(bytes.readBigUInt64BE(4)),
    value: bytes[12] === 0 ? undefined : bytes.subarray(headBytes),
  };
}
