// A thread of the simulator: takes one task after the other, tells how far it is, answers each.
import { parentPort } from 'node:worker_threads';
import { doTask, type Task } from './do-task.ts';

export type FromThread = { readonly progress: number } | { readonly answer: unknown } | { readonly failure: string };

const post = (message: FromThread): void => parentPort?.postMessage(message);

parentPort?.on('message', (task: Task) => {
  try {
    post({ answer: doTask(task, (progress) => post({ progress })) });
  } catch (error) {
    post({ failure: (error as Error).stack ?? String(error) });
  }
});
