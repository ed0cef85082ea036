// Row `pack`: reserved before any byte is written, sealed by its owner, dead and gone by the pilot.
import type { AreaId, PartitionId, SessionId } from '../../model/ids.ts';
import { atPlace, decodeRecord, encodeRecord, placeOf, readOptional, writeOptional } from './record.ts';

const format = 1;
const states = ['reserved', 'sealed', 'dead', 'gone'] as const;
const contents = ['blocks', 'log', 'checkpoint', 'echo'] as const;

export interface PackRow {
  readonly partition: PartitionId;
  readonly state: (typeof states)[number];
  readonly holds: (typeof contents)[number];
  readonly session: SessionId;
  /** Size once sealed; 0 before. */
  readonly bytes: number;
  /** Set when every block in it belongs to this area. */
  readonly areaPure?: AreaId;
  readonly changedMs: number;
}

export const encodePack = (pack: PackRow): Buffer =>
  encodeRecord(format, (to) => {
    to.byte(placeOf(states, pack.state));
    to.byte(placeOf(contents, pack.holds));
    to.text(pack.partition);
    to.id(pack.session);
    to.count(pack.bytes);
    to.count(pack.changedMs);
    writeOptional(to, pack.areaPure, (area) => to.text(area));
  });

export const decodePack = (value: Buffer): PackRow =>
  decodeRecord('pack', format, value, (from) => {
    const pack = {
      state: atPlace(states, from.byte()),
      holds: atPlace(contents, from.byte()),
      partition: from.text(),
      session: from.id(),
      bytes: from.count(),
      changedMs: from.count(),
    };
    const areaPure = readOptional(from, () => from.text());
    return { ...pack, ...(areaPure === undefined ? undefined : { areaPure }) };
  });
