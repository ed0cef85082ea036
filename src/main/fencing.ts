// Dead children's sessions, until a pilot has fenced them: after that none of their commits can succeed and their packs may be collected.
import type { Logger } from '../telemetry/telemetry.ts';
import type { Child } from './child.ts';
import type { DeadChild } from './messages.ts';

export class Fencing {
  readonly #dead = new Set<DeadChild>();
  readonly #pilot: () => Child | undefined;
  readonly #log: Logger;
  #isFirst = true;

  constructor(pilot: () => Child | undefined, log: Logger) {
    this.#pilot = pilot;
    this.#log = log;
  }

  /** What a pilot that starts now must fence: before the first was ready, everything that an earlier run left. */
  get atStart(): 'all' | readonly DeadChild[] {
    return this.#isFirst ? 'all' : [...this.#dead];
  }

  childEnded(child: Child): void {
    if (child.pid !== undefined) this.#dead.add({ pid: child.pid, session: child.session });
    void this.#fence();
  }

  pilotReady(): void {
    this.#isFirst = false;
    void this.#fence();
  }

  async #fence(): Promise<void> {
    const pilot = this.#pilot();
    if (pilot === undefined || this.#dead.size === 0) return;
    const dead = [...this.#dead];
    try {
      await pilot.call('fence', { dead });
      for (const each of dead) this.#dead.delete(each);
    } catch (error) {
      this.#log.warn({ message: (error as Error).message }, 'sessions not fenced yet');
    }
  }
}
