// What foresight costs those who read.
import { inPairs } from './in-pairs.ts';

export const foresight = inPairs({
  name: 'foresight',
  headline: 'signed GET of 4 KiB objects with demand counted and forecast, against without',
  without: { ECHOGATE_FORECAST_ENABLED: 'false' },
});
