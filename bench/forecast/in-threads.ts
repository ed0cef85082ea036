// The parts of a bench on all cores. Each part is pure, so what it says does not depend on which thread ran it, or when.
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';

/** It calls `answerTasks`. */
const script = new URL('./task-thread.js', import.meta.url);

/** Answers in the order of the tasks. */
export async function inThreads<Task, Answer>(
  tasks: readonly Task[],
  onDone: (task: Task, answer: Answer) => void,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const thread = new Worker(script);
    try {
      while (next < tasks.length) {
        const at = next++;
        answers[at] = await ask<Task, Answer>(thread, tasks[at]!);
        onDone(tasks[at]!, answers[at]!);
      }
    } finally {
      await thread.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), tasks.length) }, work));
  return answers;
}

export function answerTasks<Task, Answer>(answer: (task: Task) => Answer | Promise<Answer>): void {
  parentPort!.on('message', async (task: Task) => parentPort!.postMessage(await answer(task)));
}

function ask<Task, Answer>(thread: Worker, task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.postMessage(task);
  });
}
