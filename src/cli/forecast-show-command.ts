// `echogate forecast show [partition]`: what is to come, drawn, with what it rests on.
import { CommandError, exitCodes } from './exit-codes.ts';
import { type ForecastShown, flowWords, forecastText } from './forecast-text.ts';
import { hint, say, sayJson } from './print.ts';
import { adminClient } from './server-access.ts';

type Options = {
  readonly data?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly resource?: string;
  readonly horizon?: string;
};

export async function showForecast(partition: string | undefined, options: Options): Promise<void> {
  if (options.resource !== undefined && !(options.resource in flowWords)) {
    const next = `There are ${Object.keys(flowWords).join(', ')}.`;
    throw new CommandError(`there is no resource ${options.resource}`, { exitCode: exitCodes.usage, next });
  }
  const query = partition === undefined ? '' : `?partition=${encodeURIComponent(partition)}`;
  const answer = (await adminClient(options).request('GET', `/v1/forecast${query}`)) as unknown as ForecastShown;
  if (options.json) return sayJson(answer);
  if (answer.originSec === undefined || answer.stepSec === undefined) return hint(`no forecast yet: ${answer.because}`);
  const stepMin = answer.stepSec / 60;
  const horizons = [...new Set(answer.partitions.flatMap(({ flows }) => flows.map(({ horizon }) => horizon)))];
  const horizon = horizonOf(options.horizon, horizons, stepMin);
  for (const one of answer.partitions) say(forecastText(one, answer, { ...options, horizon }));
}

/** `1h`, `30m`: one of the configured ones; the longest when not told. */
function horizonOf(asked: string | undefined, horizons: readonly number[], stepMin: number): number {
  const longest = Math.max(...horizons, 1);
  if (asked === undefined) return longest;
  const [, count, unit] = /^(\d+)(m|h)$/.exec(asked) ?? [];
  const found = horizons.find((each) => each * stepMin === Number(count) * (unit === 'h' ? 60 : 1));
  if (found !== undefined) return found;
  const known = horizons.map((each) => `${each * stepMin}m`).join(', ');
  throw new CommandError(`no forecast over ${asked}`, {
    exitCode: exitCodes.usage,
    next: `There are ${known}; forecast.horizons in the configuration sets them.`,
  });
}
