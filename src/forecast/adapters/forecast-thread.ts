// The forecaster's thread: takes what it is told one after the other, answers each.
import { parentPort } from 'node:worker_threads';
import type { AreaPast, FleetBin, FleetForecast, FleetLayout, FleetOptions } from '../fleet.ts';
import { FleetForecaster } from '../fleet-forecaster.ts';

export type ToThread =
  | {
      readonly id: number;
      readonly type: 'begin';
      readonly options: FleetOptions;
      readonly past: readonly AreaPast[];
      readonly layout: FleetLayout;
    }
  | {
      readonly id: number;
      readonly type: 'push';
      readonly bin: FleetBin;
      readonly layout: FleetLayout;
      readonly past: readonly AreaPast[];
    };

export interface FromThread {
  readonly id: number;
  readonly forecast?: FleetForecast | undefined;
  readonly failure?: string;
}

let fleet: FleetForecaster | undefined;

function answer(message: ToThread): FleetForecast | undefined {
  if (message.type === 'push') {
    if (fleet === undefined) throw new Error('push before begin');
    return fleet.push(message.bin, message.layout, message.past);
  }
  fleet = new FleetForecaster(message.options, message.past, message.layout);
  return undefined;
}

parentPort?.on('message', (message: ToThread) => {
  const reply: FromThread = { id: message.id };
  try {
    parentPort?.postMessage({ ...reply, forecast: answer(message) } satisfies FromThread);
  } catch (error) {
    // What it knows may be half changed.
    fleet = undefined;
    parentPort?.postMessage({ ...reply, failure: (error as Error).stack ?? String(error) } satisfies FromThread);
  }
});
