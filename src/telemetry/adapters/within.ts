// Nobody waits for counters longer than a second, whatever the store behind them does.

/** What any call of a counter store may take, in ms. */
export const callMs = 900;

/** `work`, or a rejection after `ms`; `onLate` is told then, and what `work` does later is nobody's any more. */
export async function within<T>(work: Promise<T>, onLate: () => void = () => {}, ms = callMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      onLate();
      reject(new Error(`the counter store gave no answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
