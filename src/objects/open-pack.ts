// One pack while this worker writes it: its bytes through the partition's writer, its books through the pack format, and the
// count of blocks whose fate is still open.
import { reached } from '../base/crash-points.ts';
import { isFault } from '../base/fault.ts';
import type { AreaId, PackId } from '../model/ids.ts';
import { type FrameKind, frameBytes, PackAssembly } from '../pack/pack.ts';
import type { PackWriter } from '../partition/partition.ts';
import type { Holds } from './pack-ledger.ts';
import type { NewBlock, PlacedBlock, ShelfDeps } from './pack-shelf.ts';

export class OpenPack {
  readonly #deps: ShelfDeps;
  readonly #writer: PackWriter;
  readonly #assembly: PackAssembly;
  #headerQueued = false;
  #durableBytes = 0;
  #unsettled = 0;
  #ended = false;
  #ending: Promise<void> | undefined;
  /** Once a write failed, nothing may be added; what was flushed before stays good. */
  failed = false;
  /** Set by who knows that every block in it is of this area. */
  areaPure: AreaId | undefined;

  static async open(deps: ShelfDeps, bytesHint?: number, holds: Holds = 'blocks'): Promise<OpenPack> {
    const pack = await deps.ledger.take(deps.partition.id, holds);
    reached('pack: reserved, not opened');
    try {
      return new OpenPack(deps, await deps.partition.open(pack, bytesHint));
    } catch (error) {
      if (!isFault(error, 'pack-exists')) deps.ledger.giveBack(pack, deps.partition.id, holds);
      throw error;
    }
  }

  private constructor(deps: ShelfDeps, writer: PackWriter) {
    this.#deps = deps;
    this.#writer = writer;
    const createdMs = deps.clock.wallMs();
    this.#assembly = new PackAssembly({ pack: writer.pack, partition: deps.partition.id, createdMs });
  }

  get id(): PackId {
    return this.#writer.pack;
  }

  get flushes(): boolean {
    return this.#writer.flushes;
  }

  get empty(): boolean {
    return !this.#headerQueued;
  }

  /** Bytes with this payload added. */
  sizeWith(length: number): number {
    return this.#assembly.size + frameBytes(length);
  }

  /** Queues the block; it counts as unsettled from here on. */
  append(block: NewBlock): PlacedBlock {
    const offset = this.#append('block', block);
    this.#unsettled += 1;
    let open = true;
    return {
      location: { partition: this.#deps.partition.id, pack: this.id, offset, length: block.length },
      settle: () => {
        if (!open) return;
        open = false;
        this.#unsettled -= 1;
        this.#maybeSealed();
      },
    };
  }

  /** Queues a frame of a log or checkpoint. */
  appendLog(frame: NewBlock): void {
    this.#append('log', frame);
  }

  /** Makes everything appended so far durable; concurrent callers share the work. */
  async flush(): Promise<void> {
    const bytes = this.#assembly.size;
    try {
      await this.#writer.flush();
    } catch (error) {
      this.failed = true;
      throw error;
    }
    this.#durableBytes = Math.max(this.#durableBytes, bytes);
  }

  /** Index and footer behind the last block, durably. A pack whose writing failed keeps what had been flushed. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    try {
      if (this.failed || this.empty) await this.#writer.abort();
      else {
        const sealedBytes = this.#assembly.sealedSize;
        reached('pack: before its index');
        this.#writer.append(this.#assembly.seal());
        await this.#writer.seal();
        reached('pack: sealed, row not yet');
        this.#durableBytes = sealedBytes;
      }
    } catch (error) {
      this.failed = true;
      throw error;
    } finally {
      this.#ended = true;
      this.#maybeSealed();
    }
  }

  #append(kind: FrameKind, payload: NewBlock): number {
    const frame = this.#assembly.frame(kind, payload.id, payload.length);
    const chunks = [frame.header, ...payload.chunks, frame.trailer(payload.sliceCrcs)];
    try {
      this.#writer.append(this.#headerQueued ? chunks : [this.#assembly.header, ...chunks]);
    } catch (error) {
      this.failed = true;
      throw error;
    }
    this.#headerQueued = true;
    return frame.offset;
  }

  #maybeSealed(): void {
    if (!this.#ended || this.#unsettled > 0) return;
    const { areaPure } = this;
    this.#deps.ledger.sealed({ pack: this.id, bytes: this.#durableBytes, ...(areaPure !== undefined && { areaPure }) });
  }
}
