// How a command ends, for scripts. Documented in the README.
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 69,
  temporary: 75,
  badConfig: 78,
} as const;

/** An end of a command that is told in one sentence, with what to do next. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  readonly next: string | undefined;
  constructor(message: string, options: { exitCode?: number; next?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.next = options.next;
  }
}
