// The scenario's JSON schema: docs/simulate.schema.json is what it says, for editors and for those who write scenarios by programs.
import { z } from 'zod';
import { scenarioSchema } from './scenario-schema.ts';

export function scenarioJsonSchema(): string {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-2020-12' });
  return `${JSON.stringify({ title: 'echogate simulate', ...schema }, null, 2)}\n`;
}
