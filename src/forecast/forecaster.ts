// Port: who forecasts the fleet. It works beside the control loop, never inside it: an answer may take its time, and a forecaster that
// fails leaves the loop without a forecast, not without an answer.
import type { AreaPast, FleetBin, FleetForecast, FleetLayout, FleetOptions } from './fleet.ts';

export interface Forecaster {
  /** Begins anew with the past of all areas. */
  begin(options: FleetOptions, past: readonly AreaPast[], layout: FleetLayout): Promise<void>;
  /**
   * Takes the bin that follows the last one, learns from it, and forecasts from it. `past`: of areas that are new to it. Rejects when it
   * failed or was too slow; `begin` it anew then.
   */
  push(bin: FleetBin, layout: FleetLayout, past: readonly AreaPast[]): Promise<FleetForecast>;
  close(): Promise<void>;
}
