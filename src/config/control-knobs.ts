// The settings of what watches, foresees and relieves the partitions.
import { GiB, KiB, MiB, minuteMs } from '../base/units.ts';
import { echoCounts } from './echo-counts.ts';
import { bytes, choice, duration, durations, flag, integer, number, url } from './kinds.ts';
import { knob, optional } from './knob.ts';

export const controlKnobs = {
  retiredGraceMs: knob({
    path: 'retired.grace',
    env: 'ECHOGATE_RETIRED_GRACE',
    kind: () => duration(0, 720 * 60 * minuteMs),
    default: 24 * 60 * minuteMs,
    why: 'so long the empty bucket or directory of a retired partition stays, and can be brought back; those that the file names are never removed',
  }),
  forecastEnabled: knob({
    path: 'forecast.enabled',
    env: 'ECHOGATE_FORECAST_ENABLED',
    kind: () => flag,
    default: true,
    why: 'counting costs a percent or so of reads; without it nothing is known of demand and nothing is foreseen',
  }),
  forecastHorizonsMs: knob({
    path: 'forecast.horizons',
    env: 'ECHOGATE_FORECAST_HORIZONS',
    kind: () => durations(5 * minuteMs, 24 * 60 * minuteMs),
    default: [5 * minuteMs, 60 * minuteMs],
    why: 'the next five minutes for what is urgent, the next hour for what takes time to move; whole steps of five minutes',
  }),
  forecastTreesMax: knob({
    path: 'forecast.trees',
    env: 'ECHOGATE_FORECAST_TREES',
    kind: () => integer(0, 10_000),
    default: 32,
    why: 'so many series, the hottest, also have boosted trees: they cost ten times the rest and win where load is uneven',
  }),
  pilotMode: knob<'off' | 'shadow' | 'plan' | 'auto'>({
    path: 'pilot.mode',
    env: 'ECHOGATE_PILOT_MODE',
    kind: () => choice('off', 'shadow', 'plan', 'auto'),
    default: 'shadow',
    why: 'shadow writes down what it would do and does nothing; plan waits for `echogate apply`; auto acts. Nothing moves before somebody asked for it, and partitions of one disk gain nothing by moves',
  }),
  pilotTickMs: knob({
    path: 'pilot.tick',
    env: 'ECHOGATE_PILOT_TICK',
    kind: () => duration(1000, 60 * minuteMs),
    default: 1 * minuteMs,
    why: 'trouble counts when it is seen in two of three ticks: a minute apart, so that a burst of seconds moves nothing',
  }),
  pilotMoveBytesPerSec: knob({
    path: 'pilot.moveRate',
    env: 'ECHOGATE_PILOT_MOVE_RATE',
    kind: () => bytes(64 * KiB, 16 * GiB),
    default: 32 * MiB,
    why: 'bytes per second of each move, two of which may leave a partition at once; a move also keeps to the tenth of a quota that upkeep has',
  }),
  echoCount: knob({
    path: 'echo.count',
    env: 'ECHOGATE_ECHO_COUNT',
    kind: () => integer(0, 4),
    default: 2,
    why: 'so many read-only copies of a block that is wanted while its partition does badly, more for a great crowd; they go to other domains, so partitions of one domain have none; 0: none but those that are pinned',
  }),
  echoCounts: knob({
    path: 'echo.counts',
    kind: () => echoCounts,
    default: [],
    why: 'what is known of a bucket, or of keys that begin alike, beats the default: `counts: [{ bucket: shop, prefix: images/, count: 4 }]`; the longest prefix wins, and `echogate echo pin` beats them all',
  }),
  echoMode: knob<'block' | 'metadata'>({
    path: 'echo.mode',
    env: 'ECHOGATE_ECHO_MODE',
    kind: () => choice('block', 'metadata'),
    default: 'block',
    why: 'an echo that relieves a partition has the bytes; with metadata it is an entry of the map alone, which takes no bytes and serves none',
  }),
  echoBudgetShare: knob({
    path: 'echo.budgetShare',
    env: 'ECHOGATE_ECHO_BUDGET_SHARE',
    kind: () => number('a part such as 0.02', 0, 0.5),
    default: 0.02,
    why: 'of what is stored: the hottest hundredth of the blocks is a third to a half of all reads',
  }),
  echoHeader: knob({
    path: 'echo.header',
    env: 'ECHOGATE_ECHO_HEADER',
    kind: () => flag,
    default: false,
    why: 'x-echogate-copy in answers to GetObject says which copy was read (primary, echo:<partition> or hedge), for whoever looks into it; it tells clients the names of partitions',
  }),
  redisUrl: optional({
    path: 'redis.url',
    env: 'ECHOGATE_REDIS_URL',
    kind: () => url(['redis', 'rediss']),
    why: 'where counters and echo map of several gateways meet; without it they meet in the data directory, and while it is away counters do and no echoes are read',
    secret: true,
  }),
} as const;
