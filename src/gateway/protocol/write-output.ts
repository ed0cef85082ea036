// Output → answer: status, headers and body as the model binds them.
import { isUnwrapped } from './exceptions.ts';
import type { OperationModel } from './model.ts';
import { compileHeaderWriter, type Headers } from './write-headers.ts';
import { compileXmlDocument, compileXmlText, type XmlWriter } from './write-xml.ts';

export type AnswerBody = string | Uint8Array | AsyncIterable<Uint8Array> | undefined;

export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Headers;
  readonly body: AnswerBody;
}

export type OutputWriter = (output: Record<string, unknown>, status: number | undefined) => Answer;

type WriteBody = (output: Record<string, unknown>, headers: Headers) => AnswerBody;

export function compileOutputWriter(model: OperationModel): OutputWriter {
  const writeHeaders = compileHeaderWriter(model);
  const writeBody = compileBody(model);
  return (output, asked) => {
    const status = asked ?? model.status;
    const headers: Headers = {};
    writeHeaders(output, headers);
    const body = status === 204 || status === 304 ? undefined : writeBody(output, headers);
    return { status, headers, body };
  };
}

function compileBody(model: OperationModel): WriteBody {
  const { members } = model.output;
  const payload = members.find(({ binding }) => binding.at === 'payload');
  if (payload) {
    const { shape, name } = payload;
    if (shape.kind === 'blob') return (output) => output[name] as AnswerBody;
    if (shape.kind === 'string') {
      return (output, headers) => {
        headers['content-type'] ??= 'application/json';
        return output[name] as AnswerBody;
      };
    }
    if (shape.kind !== 'structure') return () => undefined; // event streams are encoded by their operation
    const root = payload.xmlNamed ? payload.xmlName : (shape.xmlName ?? shape.name);
    const write = compileXmlDocument(root, shape.members);
    return xmlBody((output) => write((output[name] ?? {}) as Record<string, unknown>));
  }
  const inBody = members.filter(({ binding }) => binding.at === 'body');
  if (inBody.length === 0) return () => undefined;
  const root = model.output.xmlName ?? model.output.name;
  return xmlBody(isUnwrapped(model) ? compileXmlText(root, inBody[0]!) : compileXmlDocument(root, inBody));
}

const xmlBody =
  (write: XmlWriter): WriteBody =>
  (output, headers) => {
    headers['content-type'] = 'application/xml';
    return write(output);
  };
