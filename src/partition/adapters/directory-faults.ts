// What a file error means for a partition.
import { Fault } from '../../base/fault.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';

export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

/** ENOENT and EEXIST mean different things in different places: callers that expect them pass `pack`. */
export function directoryFault(error: unknown, partition: PartitionId, pack?: PackId): Fault {
  if (error instanceof Fault) return error;
  const cause = { cause: error };
  const code = errorCode(error);
  if (code === 'ENOENT' && pack !== undefined) return new Fault({ kind: 'pack-missing', partition, pack }, cause);
  if (code === 'EEXIST' && pack !== undefined) return new Fault({ kind: 'pack-exists', partition, pack }, cause);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new Fault({ kind: 'partition-full', partition }, cause);
  if (code === 'EMFILE' || code === 'ENFILE' || code === 'EAGAIN')
    return new Fault({ kind: 'partition-busy', partition }, cause);
  const message = error instanceof Error ? error.message : String(error);
  return new Fault({ kind: 'partition-down', partition, message }, cause);
}
