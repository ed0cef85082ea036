// What partitions are asked to do, as one vector: the unit of demand, of served load, of capacity and of forecasts.

export const resources = ['readOps', 'writeOps', 'readBytes', 'writeBytes', 'storedBytes'] as const;
export type Resource = (typeof resources)[number];

/** Per second; `storedBytes` is a level. */
export type Load = Readonly<Record<Resource, number>>;

export const noLoad: Load = { readOps: 0, writeOps: 0, readBytes: 0, writeBytes: 0, storedBytes: 0 };

/** A load made of one number per resource. */
export const loadOf = (each: (resource: Resource) => number): Load => ({
  readOps: each('readOps'),
  writeOps: each('writeOps'),
  readBytes: each('readBytes'),
  writeBytes: each('writeBytes'),
  storedBytes: each('storedBytes'),
});

export const addLoads = (a: Load, b: Load): Load => loadOf((resource) => a[resource] + b[resource]);

export const scaleLoad = (load: Load, factor: number): Load => loadOf((resource) => load[resource] * factor);
