// Certificate and key: both or none, readable, and of one pair, so that a worker never finds out.
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Report } from './partitions.ts';

export function checkTls(certFile: string | undefined, keyFile: string | undefined, report: Report): void {
  if (certFile === undefined && keyFile === undefined) return;
  if (certFile === undefined) report('tls.key', 'needs tls.cert beside it');
  if (keyFile === undefined) report('tls.cert', 'needs tls.key beside it');
  const cert = read(certFile, 'tls.cert', report);
  const key = read(keyFile, 'tls.key', report);
  if (cert !== undefined && !isUsable({ cert })) report('tls.cert', 'is no certificate in PEM');
  else if (key !== undefined && !isUsable({ key })) report('tls.key', 'is no private key in PEM');
  else if (cert !== undefined && key !== undefined && !isUsable({ cert, key })) {
    report('tls.key', 'does not belong to the certificate in tls.cert');
  }
}

function read(file: string | undefined, key: string, report: Report): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    report(key, `cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}

function isUsable(pair: { cert?: Buffer; key?: Buffer }): boolean {
  try {
    createSecureContext(pair);
    return true;
  } catch {
    return false;
  }
}
