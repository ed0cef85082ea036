// What every S3 partition of these tests is opened with, but for where it lies.
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';

export const settings = {
  id: 'p1',
  bucket: 'bucket',
  region: 'us-east-1',
  accessKey: 'key',
  secretKey: 'secret',
  clock: systemClock,
  random: systemRandom,
  retries: { retriesMax: 3, delayMs: 0, delayMsMax: 1 },
};
