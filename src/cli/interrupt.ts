// Ctrl-C in the middle of put and get: what is half done is taken back, then the process ends by the same signal, as shells expect
// (130, 143). Not by process.exit, which waits for ever for a read of a pipe that nobody writes to.

const signals = ['SIGINT', 'SIGTERM'] as const;
const undoMsMax = 2_000;

/** Returns a function that ends the watch. A second signal, or an undo that takes too long, ends the process at once. */
export function interruptible(undo: () => void | Promise<void>): () => void {
  let interrupted = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    const end = (): void => {
      settled();
      process.kill(process.pid, signal);
    };
    if (interrupted) {
      end();
      return;
    }
    interrupted = true;
    process.stderr.write('\nechogate: interrupted\n');
    setTimeout(end, undoMsMax);
    void Promise.resolve().then(undo).then(end, end);
  };
  const settled = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return settled;
}
