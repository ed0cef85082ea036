// Options that many commands share, and how their examples are shown.
import { Option } from 'commander';

export const dataOption = (): Option => new Option('--data <dir>', 'data directory of the server (default: ./data)');
export const configOption = (): Option => new Option('--config <file>', 'its configuration file');
export const jsonOption = (): Option => new Option('--json', 'print data as JSON');

export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
