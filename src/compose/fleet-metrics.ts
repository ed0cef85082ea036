// The fleet's forecast as gauges. Few on purpose: the whole fan is had from the admin API.
import { type Pilot, quantileOf } from '../pilot/pilot.ts';
import type { Metrics } from '../telemetry/telemetry.ts';

const shownLevels = [0.05, 0.5, 0.9, 0.95, 0.99];

export async function setFleetMetrics(metrics: Metrics, pilot: Pilot, nowSec: number): Promise<void> {
  const gauges = [metrics.forecastQuantile, metrics.pressure, metrics.overloadProb, metrics.imbalanceScore];
  // What is no longer known must not stand there as if it were.
  for (const gauge of [...gauges, metrics.demandRate, metrics.forecastAge]) gauge.reset();
  for (const { id: partition, demand } of await pilot.map()) {
    for (const [resource, rate] of Object.entries(demand)) metrics.demandRate.set({ partition, resource }, rate);
  }
  await setPlanningMetrics(metrics, pilot);
  const { forecast } = pilot.forecasting();
  if (forecast === undefined) return;
  metrics.forecastAge.set(nowSec - forecast.originSec - forecast.stepSec);
  for (const [partition, each] of forecast.partitions) {
    for (const { flow: resource, horizon, mean } of each) {
      for (const level of shownLevels) {
        const labels = {
          partition,
          resource,
          horizon: `${(horizon * forecast.stepSec) / 60}m`,
          quantile: String(level),
        };
        metrics.forecastQuantile.set(labels, quantileOf(mean, level));
      }
    }
  }
  for (const { partition, pressure, overloadProb, imbalanceScore } of forecast.scores) {
    if (pressure !== undefined) metrics.pressure.set({ partition }, pressure);
    if (overloadProb !== undefined) metrics.overloadProb.set({ partition }, overloadProb);
    if (imbalanceScore !== undefined) metrics.imbalanceScore.set({ partition }, imbalanceScore);
  }
}

async function setPlanningMetrics(metrics: Metrics, { planning }: Pilot): Promise<void> {
  const { isPaused, tookMs, underWay } = await planning.status();
  metrics.pilotPaused.set(Number(isPaused));
  metrics.pilotTickSeconds.set(tookMs / 1000);
  for (const kind of ['move', 'grow', 'drain'] as const) {
    metrics.pilotUnderWay.set({ kind }, underWay.filter((each) => each.kind === kind).length);
  }
  const left = underWay.reduce((sum, each) => sum + (each.kind === 'move' ? each.bytesLeft : 0), 0);
  metrics.pilotBytesLeft.set(left);
}
