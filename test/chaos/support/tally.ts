// What all clients of a load count together.
import type { Answer } from './connection.ts';

export class Tally {
  readonly requests = new Map<string, number>();
  readonly servers = new Map<string, number>();
  /** Reads that another process answered than the one that took the write which they show. */
  acrossProcesses = 0;
  refused = 0;
  /** 409 and 503: without effect, to be tried again. */
  turnedAway = 0;
  hangUps = 0;
  cutOff = 0;

  get answered(): number {
    return [...this.requests.values()].reduce((sum, count) => sum + count, 0);
  }

  note(kind: string, { server, status }: Answer): void {
    this.requests.set(kind, (this.requests.get(kind) ?? 0) + 1);
    this.servers.set(server, (this.servers.get(server) ?? 0) + 1);
    if (status === 412) this.refused += 1;
    if (status === 409 || status === 503) this.turnedAway += 1;
  }
}
