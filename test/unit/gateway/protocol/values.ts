// Arbitrary values of any shape of the model, within what can stand where the model binds them.
import fc from 'fast-check';
import type { Member, Shape, Structure } from '../../../../src/gateway/protocol/model.ts';

/** Text that XML can hold, with everything that must be escaped. */
export const xmlText = fc
  .array(fc.constantFrom('a', 'Z', '0', ' ', '/', '&', '<', '>', '"', "'", ']]>', 'é', '漢', '😀', '\r', '\n', '\t'), {
    maxLength: 12,
  })
  .map((parts) => `k${parts.join('')}k`);

const headerText = fc.stringMatching(/^[!-+\-.0-~]([ -+\-.0-~]{0,10}[!-+\-.0-~])?$/);
const wholeSeconds = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }).map((sec) => new Date(sec * 1000));

const scalar = (shape: Shape, inXml: boolean): fc.Arbitrary<unknown> => {
  switch (shape.kind) {
    case 'string':
      return inXml ? xmlText : headerText;
    case 'number':
      return fc.integer({ min: 0, max: 2 ** 31 - 1 });
    case 'boolean':
      return fc.boolean();
    case 'timestamp':
      return wholeSeconds;
    default:
      throw new Error(`no values for a ${shape.kind}`);
  }
};

function inXml(shape: Shape): fc.Arbitrary<unknown> {
  if (shape.kind === 'list') return fc.array(inXml(shape.item), { minLength: 1, maxLength: 3 });
  return shape.kind === 'structure' ? structure(shape) : scalar(shape, true);
}

/** A structure that stands in an XML body. */
export function structure(shape: Structure): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.fromEntries(
    shape.members.map(({ name, shape: inner, attribute }) => [name, attribute ? headerText : inXml(inner)]),
  );
  if (shape.union) return fc.oneof(...Object.entries(values).map(([name, value]) => fc.record({ [name]: value })));
  return fc.record(values, {
    requiredKeys: shape.members.filter(({ required }) => required).map(({ name }) => name),
  });
}

/** A member of an operation's input or output, wherever it is bound. */
export function member({ shape, binding }: Member): fc.Arbitrary<unknown> {
  if (binding.at === 'payload' || binding.at === 'body') return inXml(shape);
  if (shape.kind === 'map')
    return fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), headerText, { minKeys: 1, maxKeys: 3 });
  if (shape.kind === 'list') return fc.array(fc.stringMatching(/^[A-Za-z0-9-]{1,9}$/), { minLength: 1, maxLength: 3 });
  return scalar(shape, false);
}

/** Some of the members, the required ones always. */
export function message(members: readonly Member[]): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(members.map((one) => [one.name, member(one)])), {
    requiredKeys: members.filter(({ required }) => required).map(({ name }) => name),
  });
}
