// One document written down in many ways: some mean the same and must be taken alike, some are no XML that anybody may accept, and
// some have a few bytes changed, so that nobody can say beforehand.
import type { Chance } from '../../support/chance.ts';
import { mutateBytes } from './mutate.ts';

export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly inside: string | readonly Element[];
}

export const element = (name: string, inside: Element['inside'] = [], attributes?: Element['attributes']): Element => ({
  name,
  inside,
  ...(attributes && { attributes }),
});

interface Style {
  readonly prefix?: string;
  readonly rootAttributes?: string;
  readonly between?: () => string;
  readonly text?: (text: string) => string;
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

export function written(root: Element, style: Style = {}): string {
  const { prefix = '', rootAttributes = '', between = () => '', text = escaped } = style;
  const write = ({ name, attributes = {}, inside }: Element, extra: string): string => {
    const own = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
    const open = `<${prefix}${name}${extra}${own.join('')}>`;
    const content =
      typeof inside === 'string'
        ? text(inside)
        : inside.length === 0
          ? ''
          : inside.map((each) => between() + write(each, '')).join('') + between();
    return `${open}${content}</${prefix}${name}>`;
  };
  return write(root, rootAttributes);
}

export type Verdict = 'same' | 'malformed' | 'too large' | 'anything';

export interface Twist {
  readonly name: string;
  readonly verdict: Verdict;
  /** undefined: does not fit this document. */
  readonly make: (root: Element, chance: Chance, bytesMax: number) => Buffer | string | undefined;
}

const same = (name: string, make: Twist['make']): Twist => ({ name, verdict: 'same', make });
const malformed = (name: string, make: Twist['make']): Twist => ({ name, verdict: 'malformed', make });

const numeric = (text: string): string => [...text].map((one) => `&#x${one.codePointAt(0)!.toString(16)};`).join('');
const nested = (depth: number): string => '<Deep>'.repeat(depth) + '</Deep>'.repeat(depth);
const inRoot = (root: Element, more: string): string => written(root).replace(/<\/[^<>]*>$/, (end) => `${more}${end}`);
/** Some element with a text in it. */
const aText = (root: Element): RegExpExecArray | null => /<([A-Za-z]+)>([^<>]+)<\/\1>/.exec(written(root));

const laughs = `<!DOCTYPE l [<!ENTITY a "ha">${Array.from('bcdefghij', (one, at) => `<!ENTITY ${one} "${`&${'abcdefghij'[at]};`.repeat(10)}">`).join('')}]>`;
const padded = (root: Element, size: number): string => {
  const text = written(root);
  return `${text}<!--${'x'.repeat(Math.max(0, size - Buffer.byteLength(text) - 7))}-->`;
};

export const twists: readonly Twist[] = [
  same('plain', (root) => written(root)),
  same('declaration', (root) => `<?xml version="1.0" encoding="UTF-8"?>\n${written(root)}`),
  same('byte order mark', (root) => `\ufeff${written(root)}`),
  same('default namespace', (root) => written(root, { rootAttributes: ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"' })),
  same('prefixed', (root) => written(root, { prefix: 's3:', rootAttributes: ' xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"' })),
  same('blanks', (root) => written(root, { between: () => '\r\n\t ' })),
  same('comments', (root) => written(root, { between: () => '<!-- <Key>no</Key> -->' })),
  same('processing instructions', (root) => written(root, { between: () => '<?php x ?>' })),
  same('CDATA', (root) => written(root, { text: (text) => (text === '' ? '' : `<![CDATA[${text}]]>`) })),
  same('numeric references', (root) => written(root, { text: numeric })),
  same('unknown element', (root) => inRoot(root, '<Unheard a="b">of</Unheard>')),
  same('unknown elements, deep', (root) => inRoot(root, nested(12))),
  same('unknown attributes', (root) => written(root, { rootAttributes: ' a="b" c=\'d\'' })),
  same('nearly too large', (root, _chance, bytesMax) => padded(root, bytesMax)),

  malformed('nothing but blanks', () => ' \n'),
  malformed('no XML', (_root, chance) => chance.pick(['{}', 'a', '<', '<>', '</a>', '<?xml?>', '\0', '<!---->'])),
  malformed('document type', (root) => `<!DOCTYPE a>${written(root)}`),
  malformed('entities that laugh', (root) => `${laughs}${inRoot(root, '<X>&j;</X>')}`),
  malformed('external entity', (root) => `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${inRoot(root, '<X>&x;</X>')}`),
  malformed('unknown entity', (root) => inRoot(root, '<X>&nbsp;</X>')),
  malformed('bare ampersand', (root) => inRoot(root, '<X>&</X>')),
  malformed('too deep', (root, chance) => inRoot(root, nested(16 + chance.below(4)))),
  malformed('far too deep', (root) => inRoot(root, nested(20_000))),
  malformed('root of another name', (root) => written({ ...root, name: 'Wrong' })),
  malformed('root in small letters', (root) => written({ ...root, name: root.name.toLowerCase() })),
  malformed('two roots', (root) => `${written(root)}${written(root)}`),
  malformed('text behind the root', (root) => `${written(root)}x`),
  malformed('text between elements', (root) => inRoot(root, 'x')),
  malformed('wrong end tag', (root) => written(root).replace(/<\/[^<>]*>$/, '</Wrong>')),
  malformed('element inside a text', (root) => {
    const found = aText(root);
    return found ? written(root).replace(found[0], `<${found[1]}>${found[2]}<b/></${found[1]}>`) : undefined;
  }),
  malformed('scalar twice', (root) => {
    const found = aText(root);
    return found ? written(root).replace(found[0], `${found[0]}${found[0]}`) : undefined;
  }),
  malformed('UTF-16', (root) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(written(root), 'utf16le')])),
  malformed('another encoding declared', (root, chance) => `<?xml version="1.0" encoding="${chance.pick(['ISO-8859-1', 'UTF-7', 'EBCDIC'])}"?>${written(root)}`),
  malformed('no UTF-8', (root) => Buffer.concat([Buffer.from(written(root)), Buffer.from([0xc0, 0xaf])])),
  malformed('overlong UTF-8', (root) => Buffer.concat([Buffer.from('<!--'), Buffer.from([0xe0, 0x80, 0xaf]), Buffer.from(`-->${written(root)}`)])),
  malformed('character that is none', (root, chance) => inRoot(root, `<X>&#${chance.pick(['0', 'x0', 'xFFFE', 'xD800', 'x110000', 'xFFFFFFFFFF', '', 'x', '-1'])};</X>`)),
  malformed('control character', (root) => inRoot(root, '<X>\x01</X>')),
  malformed('NUL', (root) => inRoot(root, '<X>\0</X>')),
  malformed('attribute twice', (root) => inRoot(root, '<X a="1" a="2"/>')),
  malformed('many attributes', (root) => inRoot(root, `<X ${Array.from({ length: 33 + 2_000 }, (_, at) => `a${at}=""`).join(' ')}/>`)),
  malformed('attribute without quotes', (root) => inRoot(root, '<X a=b/>')),
  malformed('end of CDATA in a text', (root) => inRoot(root, '<X>]]></X>')),
  malformed('cut off', (root, chance) => {
    const text = written(root);
    return text.slice(0, 1 + chance.below(text.length - 2));
  }),
  malformed('cut off in a comment', (root) => `${written(root)}<!--`),
  malformed('twice declared', (root) => `<?xml version="1.0"?><?xml version="1.0"?>${written(root)}`),

  { name: 'too large', verdict: 'too large', make: (root, _chance, bytesMax) => padded(root, bytesMax + 1) },
  { name: 'bytes changed', verdict: 'anything', make: (root, chance) => mutateBytes(Buffer.from(written(root)), chance) },
  { name: 'bytes changed often', verdict: 'anything', make: (root, chance) => mutateBytes(mutateBytes(Buffer.from(written(root)), chance), chance) },
]; // biome-ignore format: a table
