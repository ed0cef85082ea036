// Whether a sender brings its body, or only keeps its place: the slowest that counts as at work sends 256 KiB a second. What the
// gateway itself makes it wait does not count against it.
import { KiB } from '../base/units.ts';

const silentMsMax = 250;
const paceBytes = 64 * KiB;

export class SenderPace {
  #askedMs: number | undefined;
  /** Both since the last so many bytes were complete. */
  #waitedMs = 0;
  #came = 0;

  /** It may send now. */
  asked(nowMs: number): void {
    this.#askedMs = nowMs;
  }

  came(bytes: number, nowMs: number): void {
    this.#waitedMs += nowMs - (this.#askedMs ?? nowMs);
    this.#askedMs = undefined;
    this.#came += bytes;
    if (this.#came < paceBytes) return;
    this.#came = 0;
    this.#waitedMs = 0;
  }

  isSilent(nowMs: number): boolean {
    return this.#waitedMs + (nowMs - (this.#askedMs ?? nowMs)) > silentMsMax;
  }
}
