// `config check` and `config show`.
import { knobPage, showConfig, shownConfig } from '../config/config.ts';
import { say, sayJson } from './print.ts';
import { knobFlags, settings } from './settings.ts';

type Options = Readonly<Record<string, unknown>>;

export function check(file: string | undefined, options: Options): void {
  const { config } = settings(knobFlags(options), { file });
  if (options.json) sayJson({ ok: true, users: config.users.length, partitions: config.partitions.length });
  else
    say(
      `${file ?? 'The configuration'} is right: ${config.partitions.length} partitions, ${config.users.length} users.`,
    );
}

export function show(file: string | undefined, options: Options): void {
  const { config, origins } = settings(knobFlags(options), { file });
  const rows = showConfig(config, origins);
  if (options.json) sayJson({ config: rows });
  else say(shownConfig(rows));
}

export function knobs(): void {
  say(knobPage().trimEnd());
}
