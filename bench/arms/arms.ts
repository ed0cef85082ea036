// The arms of one bench: starts those that were asked for, remembers what runs, stops it whatever happens.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Asked } from '../arguments.ts';
import type { Arm } from './arm.ts';
import { startBare } from './bare.ts';
import { type EchogateArm, startEchogate } from './echogate.ts';
import { nginxMissing, startNginx } from './nginx.ts';
import { useOutside } from './outside.ts';
import { startStartable } from './started.ts';

export interface Arms {
  start(...names: readonly string[]): Promise<readonly Arm[]>;
  /** One more of the product, under this name. */
  startEchogate(name: string, env?: Readonly<Record<string, string>>, config?: string): Promise<EchogateArm>;
  /** Those that still run, and those that are being started. */
  stop(): Promise<void>;
}

export type ArmsAsked = Pick<Asked, 'arms' | 'outside' | 'startables'>;

export function createArms(asked: ArmsAsked, dir: string, say: (line: string) => void, profiles?: string): Arms {
  const running = new Set<Arm>();
  let starting: Promise<unknown> = Promise.resolve();
  const own: Readonly<Record<string, (folder: string) => Promise<Arm>>> = {
    echogate: (folder) => startEchogate(folder, profiles === undefined ? {} : { profiles }),
    bare: startBare,
    nginx: startNginx,
  };
  const isWanted = (name: string): boolean => {
    if (asked.arms !== undefined && !asked.arms.includes(name)) return false;
    const why = name === 'nginx' ? nginxMissing() : undefined;
    if (why !== undefined) say(`*** WITHOUT nginx: ${why} ***`);
    return why === undefined;
  };
  const folderFor = async (name: string): Promise<string> => {
    const folder = join(dir, name);
    await mkdir(folder, { recursive: true });
    return folder;
  };
  /** Remembered until it is stopped, once, by the bench or at the end. */
  const begin = async <A extends Arm>(start: Promise<A>): Promise<A> => {
    starting = start;
    const arm = await start;
    const kept: A = {
      ...arm,
      stop: async () => {
        if (running.delete(kept)) await arm.stop();
      },
    };
    running.add(kept);
    return kept;
  };

  return {
    async start(...names) {
      const arms: Arm[] = [];
      for (const name of names.filter(isWanted)) arms.push(await begin(own[name]!(await folderFor(name))));
      for (const one of asked.startables) arms.push(await begin(startStartable(one, await folderFor(one.name))));
      for (const one of asked.outside) arms.push(await begin(useOutside(one)));
      return arms;
    },
    async startEchogate(name, env = {}, config = undefined) {
      const folder = await folderFor(name);
      return await begin(
        startEchogate(folder, {
          name,
          env,
          ...(config !== undefined && { config }),
          ...(profiles !== undefined && { profiles }),
        }),
      );
    },
    async stop() {
      await Promise.allSettled([starting]);
      for (const arm of [...running]) await arm.stop();
    },
  };
}
