// Prophet as published for JavaScript: augurs, Rust compiled to WASM (npm has no package named prophet-wasm), with our optimiser plugged in.
// The hot path uses src/forecast/prophet.ts, which has the same model and owns its design matrix; this one checks it, and serves `--prophet wasm`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { initSync, Prophet } from '@bsull/augurs/prophet';
import type { FitProphet, ProphetFit } from '../prophet.ts';
import { mapOptimizer } from './map-optimizer.ts';

type Optimizer = ConstructorParameters<typeof Prophet>[0]['optimizer'];

const aheadSec = 4 * 3600;
let isReady = false;

/** Once per thread: its own loader fetches a file URL, which Node does not. */
function makeReady(): void {
  if (isReady) return;
  const script = createRequire(import.meta.url).resolve('@bsull/augurs/prophet');
  initSync({ module: readFileSync(join(dirname(script), 'prophet_bg.wasm')) });
  isReady = true;
}

/** A `fitProphet` that runs in WASM. `stepSec`: the grid on which its curves are asked, up to four hours ahead. */
export function augursProphet(stepSec: number, optimizer: Optimizer = mapOptimizer): FitProphet {
  makeReady();
  return (times, values, options) => {
    if (values.length < 50 || values.every((value) => value === 0)) return undefined;
    let sigmaObs = 0;
    const model = new Prophet({
      optimizer: {
        optimize(init, data, opts) {
          const found = optimizer.optimize(init, data, opts);
          sigmaObs = found.params.sigmaObs;
          return found;
        },
      },
      growth: options.growth,
      nChangepoints: options.changepoints,
    });
    try {
      model.fit({ ds: Array.from(times), y: Array.from(values) });
      const lastSec = times[times.length - 1]!;
      const ds = Array.from({ length: Math.ceil(aheadSec / stepSec) + 1 }, (_, at) => lastSec + at * stepSec);
      const curve = model.predict({ ds }).yhat.point;
      const unit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const fit: ProphetFit = {
        at: (timeSec) => curve[Math.max(0, Math.min(curve.length - 1, Math.round((timeSec - lastSec) / stepSec)))]!,
        sigma: sigmaObs * unit,
        slopeChange: 0,
        changesPerSec: 0,
      };
      return fit;
    } catch {
      // It traps on all but constant input; whoever asks goes on without Prophet.
      return undefined;
    } finally {
      model.free();
    }
  };
}
