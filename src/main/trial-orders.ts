// What a trial (test/chaos) may ask of a server by the environment and nobody else may by a setting: to die at a named point, and to
// do upkeep in a hurry. A start that is under such orders says so.
export interface TrialOrders {
  /** A file that a trial writes when some process shall die, and what it holds: compose/arm-crash-points.ts. */
  readonly crashFile?: string;
  /** Instead of the defaults of upkeep/upkeep.ts. */
  readonly upkeep?: Readonly<Record<string, number>>;
}

export function readTrialOrders(env: NodeJS.ProcessEnv): TrialOrders | undefined {
  const text = env.ECHOGATE_TRIAL;
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as TrialOrders);
}
