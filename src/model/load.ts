// What partitions are asked to do: the units of demand, of served load, of capacity and of forecasts.

/** Counted per second. */
export const flows = ['readOps', 'writeOps', 'readBytes', 'writeBytes'] as const;
export type Flow = (typeof flows)[number];
export const writeFlows = ['writeOps', 'writeBytes'] as const satisfies readonly Flow[];
export type Flows = Readonly<Record<Flow, number>>;

/** What is stored is a level, and known from the catalog. */
export type Resource = Flow | 'storedBytes';

/** A value for each flow. */
export const eachFlow = <T>(value: (flow: Flow) => T): Record<Flow, T> => ({
  readOps: value('readOps'),
  writeOps: value('writeOps'),
  readBytes: value('readBytes'),
  writeBytes: value('writeBytes'),
});

export const noFlows: Flows = eachFlow(() => 0);
