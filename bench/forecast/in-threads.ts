// The parts of a bench on all cores. Each part is pure, so what it says does not depend on which thread ran it, or when.
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import type { KeptAnswers } from './kept-answers.ts';

/** It calls `answerTasks`. */
const script = new URL('./task-thread.js', import.meta.url);

/** Answers in the order of the tasks; those that were kept are not worked out again. */
export async function inThreads<Task, Answer>(
  tasks: readonly Task[],
  onDone: (task: Task, answer: Answer) => void,
  kept: KeptAnswers<Task, Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const thread = new Worker(script);
    try {
      while (next < tasks.length) {
        const at = next++;
        const known = kept.find(tasks[at]!);
        answers[at] = known ?? (await ask<Task, Answer>(thread, tasks[at]!));
        if (known === undefined) kept.keep(tasks[at]!, answers[at]!);
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
