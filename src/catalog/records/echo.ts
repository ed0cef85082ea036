// Row `echo`: a copy of a block on another partition; its key says which. It stands in no redo log: a catalog that is rebuilt begins without.
import type { Echo } from '../../model/echo.ts';
import { atPlace, decodeRecord, encodeRecord, placeOf, readOptional, writeOptional } from './record.ts';

const format = 2;
const states = ['descriptor', 'filling', 'ready'] as const;

export type EchoRow = Omit<Echo, 'block' | 'partition'>;

export const encodeEcho = (echo: EchoRow): Buffer =>
  encodeRecord(format, (to) => {
    to.byte(placeOf(states, echo.state));
    to.count(echo.length);
    to.count(echo.sinceMs);
    writeOptional(to, echo.untilMs, (until) => to.count(until));
    writeOptional(to, echo.place, ({ pack, offset }) => {
      to.id(pack);
      to.count(offset);
    });
    to.byte(echo.isPinned ? 1 : 0);
    writeOptional(to, echo.keptUntilMs, (until) => to.count(until));
  });

export const decodeEcho = (value: Buffer): EchoRow =>
  decodeRecord('echo', format, value, (from) => {
    const echo = { state: atPlace(states, from.byte()), length: from.count(), sinceMs: from.count() };
    const untilMs = readOptional(from, () => from.count());
    const place = readOptional(from, () => ({ pack: from.id(), offset: from.count() }));
    const isPinned = from.byte() === 1;
    const keptUntilMs = readOptional(from, () => from.count());
    return {
      ...echo,
      ...(untilMs === undefined ? {} : { untilMs }),
      ...(place === undefined ? {} : { place }),
      isPinned,
      ...(keptUntilMs === undefined ? {} : { keptUntilMs }),
    };
  });
