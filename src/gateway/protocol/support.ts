// What an operation does not build yet: members that it refuses, and members of which it honours only certain values.
// Asking for anything else is answered 501 with the name that the client used.
import { s3Error } from '../errors.ts';
import type { Input } from './bind.ts';
import type { Member, OperationModel } from './model.ts';

export interface Support {
  readonly accepts?: Readonly<Record<string, readonly string[] | undefined>>;
  readonly refused?: readonly string[];
}

/** Compiled check; a name that the model does not have fails at start. */
export function compileSupport(model: OperationModel, support: Support): (input: Input) => void {
  const members = new Map(model.input.members.map((member) => [member.name, member]));
  const memberOf = (name: string): Member => {
    const member = members.get(name);
    if (!member) throw new Error(`${model.name} has no input member ${name}`);
    return member;
  };
  const rules = new Map<string, { member: Member; values: ReadonlySet<string> }>();
  for (const name of support.refused ?? []) rules.set(name, { member: memberOf(name), values: new Set() });
  for (const [name, values] of Object.entries(support.accepts ?? {})) {
    rules.set(name, { member: memberOf(name), values: new Set(values) });
  }
  // By what was given: a request has a few of the model's members.
  return (input) => {
    for (const name in input) {
      const rule = rules.get(name);
      const value = input[name];
      if (rule === undefined || value === undefined) continue;
      const { member, values } = rule;
      const asked = Array.isArray(value) ? value : [value];
      if (!asked.every((one) => values.has(String(one)))) throw refuse(member);
    }
  };
}

function refuse(member: Member): Error {
  const { binding } = member;
  if (binding.at === 'header' || binding.at === 'prefix') {
    return s3Error('NotImplemented', { extra: { Header: binding.name } });
  }
  const wire = binding.at === 'query' ? binding.name : member.xmlName;
  return s3Error('NotImplemented', {
    message: `${wire} implies functionality that is not implemented`,
    extra: { ArgumentName: wire },
  });
}
