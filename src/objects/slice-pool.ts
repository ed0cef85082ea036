// Buffers of one slice each, in which long bodies are gathered, used again and again. The ones that they arrive in would live as long
// as their block takes to be written: long enough for V8 to mark its whole heap for them, a third of a worker's time.
import { caps } from '../base/caps.ts';
import { MiB } from '../base/units.ts';

const keptMax = (64 * MiB) / caps.sliceBytes;

export class SlicePool {
  readonly #kept: Buffer[] = [];
  /** So many were never asked for since the last `tidy`. */
  #idle = 0;

  /** A slice long, its content anything. */
  take(): Buffer {
    const slice = this.#kept.pop() ?? Buffer.allocUnsafeSlow(caps.sliceBytes);
    this.#idle = Math.min(this.#idle, this.#kept.length);
    return slice;
  }

  /** Nobody may read or write them any more. One that is never given back is collected as any other. */
  give(slices: readonly Buffer[]): void {
    for (const slice of slices) if (this.#kept.length < keptMax) this.#kept.push(slice);
  }

  /** Now and then: lets go of what was of no use since the last time. */
  tidy(): void {
    this.#kept.splice(0, this.#idle);
    this.#idle = this.#kept.length;
  }
}
