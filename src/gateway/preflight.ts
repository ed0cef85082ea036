// OPTIONS: buckets have no CORS configuration yet, so a browser's preflight is refused the way S3 refuses it without one.
import { type S3Error, s3Error } from './errors.ts';

export function preflightRefusal(headers: Readonly<Record<string, string | undefined>>): S3Error {
  if (headers.origin === undefined) {
    return s3Error('BadRequest', { message: 'Insufficient information. Origin request header needed.' });
  }
  const method = headers['access-control-request-method'];
  if (method === undefined) {
    return s3Error('BadRequest', { message: 'Invalid Access-Control-Request-Method: null' });
  }
  return s3Error('AccessForbidden', { extra: { Method: method, ResourceType: 'BUCKET' } });
}
