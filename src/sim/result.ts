// What a policy came to in one world with one seed: all figures that policies are compared by.

export interface PolicyResult {
  readonly policy: string;
  readonly seed: number;
  /** Partition-minutes with demand after remedies above capacity. */
  readonly violatingMinutes: number;
  /** Partition-minutes in which the whole fleet was asked for more than it could do: what no even placement helps. */
  readonly shortMinutes: number;
  /** Load above capacity × minutes, in capacities of a partition. */
  readonly excess: number;
  readonly partitionHours: number;
  /** Mean over time. */
  readonly maxOverMean: number;
  readonly bytesMoved: number;
  readonly bytesByCause: Record<string, number>;
  readonly moves: {
    readonly started: number;
    readonly early: number;
    readonly late: number;
    readonly needless: number;
    readonly undone: number;
    readonly needed: number;
    readonly declaredEarly: number;
    readonly declared: number;
  };
  /** Runs of declared jobs in the scored days, and those in which no partition that held any of their blocks was above its capacity. */
  readonly jobs: { readonly runs: number; readonly unharmed: number };
  readonly echo: { readonly bytes: number; readonly fills: number };
  readonly readP50Ms: number;
  readonly readP99Ms: number;
  readonly journalDigest: string;
  readonly wallMs: number;
}
