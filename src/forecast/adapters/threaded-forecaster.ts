// The forecaster in a thread of its own, so that hours of fitting hold up no request and no control loop, and a trap in WASM ends the thread
// only. A thread that ended is replaced at the next `begin`.
import { Worker } from 'node:worker_threads';
import type { AreaPast, FleetBin, FleetForecast, FleetLayout, FleetOptions } from '../fleet.ts';
import type { Forecaster } from '../forecaster.ts';
import type { FromThread, ToThread } from './forecast-thread.ts';

interface Waiting {
  readonly resolve: (forecast: FleetForecast | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Of the thread's heap: hundreds of series with trees and five weeks of history. */
const heapMiBMax = 1024;

export class ThreadedForecaster implements Forecaster {
  #thread: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #lastCall = 0;

  async begin(options: FleetOptions, past: readonly AreaPast[], layout: FleetLayout): Promise<void> {
    this.#thread ??= this.#start();
    await this.#ask({ type: 'begin', options, past, layout });
  }

  async push(bin: FleetBin, layout: FleetLayout, past: readonly AreaPast[]): Promise<FleetForecast> {
    const forecast = await this.#ask({ type: 'push', bin, layout, past });
    if (forecast === undefined) throw new Error('the forecaster gave no forecast');
    return forecast;
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#fail(new Error('the forecaster was closed'));
    await thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(
      new URL(import.meta.url.endsWith('.ts') ? './forecast-thread.ts' : './forecast-thread.js', import.meta.url),
      {
        resourceLimits: { maxOldGenerationSizeMb: heapMiBMax },
      },
    );
    thread.unref();
    thread.on('message', ({ id, forecast, failure }: FromThread) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (failure === undefined) waiting?.resolve(forecast);
      else waiting?.reject(new Error(failure));
    });
    const ended = (error: Error): void => {
      if (this.#thread === thread) this.#thread = undefined;
      this.#fail(error);
    };
    thread.on('error', (error) => ended(error as Error));
    thread.on('exit', (code) => ended(new Error(`the thread of the forecaster ended with ${code}`)));
    return thread;
  }

  #ask(
    message: ToThread extends infer M ? (M extends { id: number } ? Omit<M, 'id'> : never) : never,
  ): Promise<FleetForecast | undefined> {
    const thread = this.#thread;
    if (thread === undefined) return Promise.reject(new Error('the forecaster has not begun'));
    const id = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.postMessage({ ...message, id });
    });
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
