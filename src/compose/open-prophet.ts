// Names the WASM Prophet for the command line: loaded only by who asks for it.
import { augursProphet } from '../forecast/adapters/augurs-prophet.ts';
import type { FitProphet } from '../forecast/forecast.ts';

export const openProphet = (stepSec: number): FitProphet => augursProphet(stepSec);
