// Row `demandBin`: what was asked of each area and done by each partition in one bin of one ring (telemetry/fold-bins.ts).
import type { BinCounts, Cause } from '../../telemetry/telemetry.ts';
import { atPlace, decodeRecord, encodeRecord, placeOf, readList, writeList } from './record.ts';

const format = 1;
const causes: readonly Cause[] = ['client', 'upkeep', 'probe'];

export const encodeDemandBin = (bin: BinCounts): Buffer =>
  encodeRecord(format, (to) => {
    to.count(bin.startSec);
    to.float(bin.seconds);
    writeList(to, bin.demand, ({ area, partition, readOps, writeOps, readBytes, writeBytes }) => {
      to.text(area);
      to.text(partition);
      for (const sum of [readOps, writeOps, readBytes, writeBytes]) to.count(sum);
    });
    writeList(to, bin.served, ({ partition, cause, latency, ...sums }) => {
      to.text(partition);
      to.byte(placeOf(causes, cause));
      const { readOps, writeOps, readBytes, writeBytes, errors, throttled } = sums;
      for (const sum of [readOps, writeOps, readBytes, writeBytes, errors, throttled]) to.count(sum);
      writeList(to, latency, (count) => to.count(count));
    });
  });

export const decodeDemandBin = (value: Buffer): BinCounts =>
  decodeRecord('demandBin', format, value, (from) => {
    const startSec = from.count();
    const seconds = from.float();
    const demand = readList(from, () => {
      const [area, partition] = [from.text(), from.text()];
      const [readOps, writeOps, readBytes, writeBytes] = [from.count(), from.count(), from.count(), from.count()];
      return { area, partition, readOps, writeOps, readBytes, writeBytes };
    });
    const served = readList(from, () => {
      const partition = from.text();
      const cause = atPlace(causes, from.byte());
      const [readOps, writeOps, readBytes, writeBytes] = [from.count(), from.count(), from.count(), from.count()];
      const [errors, throttled] = [from.count(), from.count()];
      const latency = readList(from, () => from.count());
      return { partition, cause, readOps, writeOps, readBytes, writeBytes, errors, throttled, latency };
    });
    return { startSec, seconds, demand, served };
  });
