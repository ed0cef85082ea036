// Bytes of a good request made bad: flipped, lost, doubled, put in, cut off.
import type { Chance } from '../../support/chance.ts';

const odd = [
  '\r',
  '\n',
  '\0',
  '\r\n',
  '\r\n\r\n',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '%',
  '%00',
  '%zz',
  '/',
  '\xff',
  '\x80',
  '0',
  '-1',
  '9'.repeat(30),
];

export function mutateBytes(bytes: Buffer, chance: Chance): Buffer {
  let made = bytes;
  for (let times = 1 + chance.below(3); times > 0; times--) made = mutateOnce(made, chance);
  return made;
}

function mutateOnce(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(Math.max(1, bytes.length));
  const length = 1 + chance.below(12);
  const before = bytes.subarray(0, at);
  const put = (middle: Buffer, from: number): Buffer => Buffer.concat([before, middle, bytes.subarray(from)]);
  switch (chance.below(7)) {
    case 0:
      return put(Buffer.from([(bytes[at] ?? 0) ^ (1 << chance.below(8))]), at + 1);
    case 1:
      return put(chance.bytes(1), at + 1);
    case 2:
      return put(Buffer.alloc(0), at + length);
    case 3:
      return put(bytes.subarray(at, at + length), at);
    case 4:
      return put(Buffer.from(chance.pick(odd), 'latin1'), at + chance.below(2));
    case 5: {
      const from = chance.below(Math.max(1, bytes.length));
      return put(bytes.subarray(from, from + length * 4), at);
    }
    default:
      return before;
  }
}
