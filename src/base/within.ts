// Nobody waits long for what may be missing: counters and echoes are done without.

/** What a call may take unless its caller says otherwise, in ms: a second at most, with what follows. */
export const callMs = 900;

/** `work`, or a rejection after `ms`; `onLate` is told then, and what `work` does later is nobody's any more. */
export async function within<T>(work: Promise<T>, onLate: () => void = () => {}, ms = callMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const late = new Promise<never>((_, reject) => {
    // Timers come before what has arrived: a process that was held up itself takes the answer that lies there already.
    timer = setTimeout(() => {
      setImmediate(() => {
        if (isOver) return;
        onLate();
        reject(new Error(`no answer within ${ms} ms`));
      });
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    isOver = true;
    clearTimeout(timer);
    work.catch(() => {});
  }
}
