// Forecasts of base series in a folder, by the digest of what they were made from: they take minutes, and every run needs the same.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MeasuredSeries } from './base-series.ts';
import { type ForecastOptions, forecastCode } from './forecast-series.ts';
import { digestOf } from './read-sources.ts';

export class ForecastCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined: it must be made. A damaged file is as none. */
  find(series: MeasuredSeries, options: ForecastOptions): Float32Array[] | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#pathOf(series, options));
    } catch {
      return undefined;
    }
    const { length } = series.shown;
    if (bytes.length !== options.aheadBins.length * length * 4) return undefined;
    const all = Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
    return options.aheadBins.map((_, at) => all.slice(at * length, (at + 1) * length));
  }

  keep(series: MeasuredSeries, options: ForecastOptions, points: readonly Float32Array[]): void {
    const path = this.#pathOf(series, options);
    const { length } = series.shown;
    const bytes = Buffer.alloc(points.length * length * 4);
    points.forEach((each, at) => {
      each.forEach((value, bin) => {
        bytes.writeFloatLE(value, (at * length + bin) * 4);
      });
    });
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(`${path}.new`, bytes);
    renameSync(`${path}.new`, path);
  }

  #pathOf({ startSec, shown }: MeasuredSeries, options: ForecastOptions): string {
    const bytes = new Uint8Array(shown.buffer, shown.byteOffset, shown.byteLength);
    const { trees, aheadBins } = options;
    return join(this.#folder, `${digestOf(JSON.stringify([forecastCode, startSec, trees, aheadBins]), bytes)}.f32`);
  }
}
