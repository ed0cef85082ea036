// Waits for every one of several works before it tells of a failure, so that nothing runs on behind the caller's back.
export async function settled(works: readonly Promise<void>[]): Promise<void> {
  for (const work of await Promise.allSettled(works)) if (work.status === 'rejected') throw work.reason;
}
