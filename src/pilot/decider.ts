// Makes decisions: sees, foresees, decides, and writes down what it decided by. It carries nothing out.
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeSetting, encodeSetting } from '../catalog/records/setting.ts';
import type { AreaId } from '../model/ids.ts';
import type { Metadata } from '../model/metadata.ts';
import { type Memory, noMemory, type Planned, type Rules, type View } from '../placement/placement.ts';
import type { Control } from '../upkeep/upkeep.ts';
import { type DecisionInput, decide, planDigest, record } from './decide.ts';
import type { FlatPrediction } from './flat-prediction.ts';
import type { ForecastKeeper } from './forecast-keeper.ts';
import type { Decision, Journal } from './journal.ts';
import { readFleetDeclared } from './read-declared.ts';
import type { Sight, ViewReader } from './read-view.ts';
import { toPrediction } from './to-prediction.ts';

export interface DeciderDeps {
  readonly catalog: Catalog;
  readonly control: Pick<Control, 'commit'>;
  readonly mode: Decision['mode'];
  readonly rules: Rules;
  readonly epoch: number;
  readonly view: Pick<ViewReader, 'read'>;
  readonly forecasts: Pick<ForecastKeeper, 'current'>;
  readonly declared: Metadata;
  readonly journal: Journal;
}

export interface Decided {
  readonly decision: Decision;
  readonly view: View;
  readonly planned: Planned;
}

const memoryKey = keys.setting('pilot.memory');

export class Decider {
  readonly #deps: DeciderDeps;
  #memory: Memory | undefined;

  constructor(deps: DeciderDeps) {
    this.#deps = deps;
  }

  /** Or why it cannot. `because`: why nobody carries it out yet. */
  async decide(cause: Decision['cause'], nowSec: number, because: string): Promise<Decided | string> {
    const { epoch, forecasts, journal, mode, rules, view: reader } = this.#deps;
    const sight = await reader.read(nowSec, forecasts.current().forecast);
    if (typeof sight === 'string') return sight;
    const { view } = sight;
    const prediction = await this.#prediction(sight, nowSec);
    const input: DecisionInput = { view, prediction, memory: await this.#remembered(), rules, cause };
    const planned = decide(input);
    const { text, digest } = record(input);
    const { steps, refusals } = planned.plan;
    const atSec = Math.floor(nowSec);
    const results = steps.map(() => ({ outcome: 'shown' as const, because, atSec }));
    const made = { atSec, cause, mode, epoch, digest, planDigest: planDigest(planned.plan), steps, results, refusals };
    return { decision: await journal.add(made, text), view, planned };
  }

  async remember(memory: Memory): Promise<void> {
    this.#memory = memory;
    const row = encodeSetting(JSON.stringify(memory));
    await this.#deps.control.commit({ checks: [], writes: [[memoryKey, row]] });
  }

  /** Areas to which something was done that no tick had planned. */
  async rest(areas: readonly AreaId[], untilSec: number): Promise<void> {
    const memory = await this.#remembered();
    const rests = Object.fromEntries(areas.map((area) => [area, untilSec]));
    await this.remember({ ...memory, restsUntilSec: { ...memory.restsUntilSec, ...rests } });
  }

  /** As of now, for who compares. */
  async look(nowSec: number): Promise<View | string> {
    const sight = await this.#deps.view.read(nowSec, this.#deps.forecasts.current().forecast);
    return typeof sight === 'string' ? sight : sight.view;
  }

  async #prediction({ shares }: Sight, nowSec: number): Promise<FlatPrediction | undefined> {
    const { catalog, declared, forecasts } = this.#deps;
    const { forecast } = forecasts.current();
    if (forecast === undefined) return undefined;
    const toSec = nowSec + forecast.expected.steps * forecast.stepSec;
    const fleetDeclared = await readFleetDeclared(catalog, declared, { fromSec: nowSec, toSec });
    return toPrediction({ forecast, declared: fleetDeclared, shares, nowSec });
  }

  async #remembered(): Promise<Memory> {
    if (this.#memory !== undefined) return this.#memory;
    const row = await this.#deps.catalog.get(memoryKey);
    this.#memory = row === undefined ? noMemory : { ...noMemory, ...(JSON.parse(decodeSetting(row.value)) as Memory) };
    return this.#memory;
  }
}
