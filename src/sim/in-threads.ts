// Tasks of the simulator on several cores. Each is pure, so what it says depends neither on the thread nor on the order.
import { Worker } from 'node:worker_threads';
import { type AnswerOf, doTask, type Task } from './do-task.ts';
import type { FromThread } from './sim-thread.ts';

/** Runs make much that lives for a minute of theirs: with room for it a fifteenth of their time is saved. */
const youngMb = { maxYoungGenerationSizeMb: 192 };

export interface TaskWatcher<T extends Task> {
  onProgress?(task: T, done: number): void;
  onDone?(task: T, answer: AnswerOf<T>): void;
}

/** Answers in the order of the tasks. `threads` 1: none but this one. */
export async function inThreads<T extends Task>(
  tasks: readonly T[],
  threads: number,
  { onProgress, onDone }: TaskWatcher<T> = {},
): Promise<AnswerOf<T>[]> {
  const answers: AnswerOf<T>[] = [];
  let next = 0;
  const work = async (ask: (task: T) => Promise<AnswerOf<T>>): Promise<void> => {
    while (next < tasks.length) {
      const at = next++;
      answers[at] = await ask(tasks[at]!);
      onDone?.(tasks[at]!, answers[at]!);
    }
  };
  if (threads <= 1) {
    await work(async (task) => {
      // Who listens for signals, or shows progress, has a turn in between.
      await new Promise(setImmediate);
      return doTask(task, (done) => onProgress?.(task, done));
    });
    return answers;
  }
  const workers: Worker[] = [];
  try {
    await Promise.all(
      Array.from({ length: Math.min(threads, tasks.length) }, () => {
        const thread = new Worker(new URL('./sim-thread.js', import.meta.url), { resourceLimits: youngMb });
        workers.push(thread);
        return work((task) => asked(thread, task, (done) => onProgress?.(task, done)));
      }),
    );
  } finally {
    next = tasks.length;
    await Promise.all(workers.map((thread) => thread.terminate()));
  }
  return answers;
}

function asked<T extends Task>(thread: Worker, task: T, onProgress: (done: number) => void): Promise<AnswerOf<T>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onError = (error: unknown): void => settle(() => reject(error));
    const onExit = (code: number): void => onError(new Error(`a thread of the simulator ended with ${code}`));
    const onMessage = (message: FromThread): void => {
      if ('progress' in message) onProgress(message.progress);
      else if ('answer' in message) settle(() => resolve(message.answer as AnswerOf<T>));
      else onError(new Error(message.failure));
    };
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.postMessage(task);
  });
}
