// An S3 error as an answer: XML whatever the client asked for, and nothing at all where HTTP allows no body.
import type { S3Error } from './errors.ts';
import { type Answer, escapeXml, safeHeader, xmlHead } from './protocol/protocol.ts';

export interface ErrorFacts {
  readonly requestId: string;
  readonly hostId: string;
  /** Undecoded path of the request. */
  readonly resource?: string;
}

export function errorAnswer(error: S3Error, facts: ErrorFacts): Answer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(error.headers)) headers[name] = safeHeader(name, value);
  if (error.status === 304) return { status: error.status, headers, body: undefined };
  headers['content-type'] = 'application/xml';
  return { status: error.status, headers, body: errorXml(error, facts) };
}

export function errorXml(error: S3Error, { requestId, hostId, resource }: ErrorFacts): string {
  let xml = `${xmlHead}<Error>${element('Code', error.code)}${element('Message', error.message)}`;
  for (const [name, value] of Object.entries(error.extra)) if (value !== undefined) xml += element(name, value);
  if (resource !== undefined && error.extra.Resource === undefined) xml += element('Resource', resource);
  return `${xml}${element('RequestId', requestId)}${element('HostId', hostId)}</Error>`;
}

/** What a client sent may hold characters that no XML 1.0 document can; an error must still parse. */
const element = (name: string, value: string): string =>
  `<${name}>${escapeXml(value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd'))}</${name}>`;
