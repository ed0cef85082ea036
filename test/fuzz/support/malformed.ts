// Requests that no client should send: every part drawn from a table of what broke parsers and servers, and whole requests that
// brought other S3 servers down.
import type { Chance } from '../../support/chance.ts';

const methods = [
  'GET',
  'PUT',
  'GET',
  'PUT',
  'PUT',
  'POST',
  'HEAD',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'PROPFIND',
  'TRACE',
  'get',
  'X',
];
const paths = [
  '/', '//', '/*', '*', '/..', '/%2e', '/a', '/BUCKET/k', `/${'b'.repeat(200)}`, 'bucket/k', 'http://x/bucket/k', 'http://localhost/bucket/k',
  '/bucket', '/bucket/', '/bucket//', '/bucket/k', '/bucket/../x', '/bucket/%2e%2e/%2e%2e', '/bucket/%00', '/bucket/%zz', '/bucket/%ff%fe',
  '/bucket/\xff\xfe', '/bucket/%E2%82', `/bucket/${'k'.repeat(1025)}`, '/\\bucket\\k', '/bucket/k;x', '/bucket/k#f', '/bucket/a b',
]; // biome-ignore format: a table
const queries = [
  '', '', '?', '?acl', '?acl&acl', '?acl&tagging', '?versioning', '?uploads', '?uploadId=x', '?partNumber=1', '?partNumber=0&uploadId=x',
  '?partNumber=99999&uploadId=', '?list-type=2', '?list-type=3', '?max-keys=-1', '?max-keys=99999999999', '?delete', '?tagging', '?versionId=',
  '?versionId=null', '?X-Amz-Signature=1', '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b/c/d/e&X-Amz-Date=x&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=z',
  '?Signature=1&Expires=2&AWSAccessKeyId=3', '?%zz', '?a=%zz', '?=', '?&&&', '?prefix=%00', '?delimiter=%0a&prefix=%0d', '?encoding-type=x',
  '?continuation-token=zzz', '?response-content-type=%0d%0aX:1', '?select&select-type=2', '?torrent', '?attributes', '?renameObject', '?x-id=Foo',
]; // biome-ignore format: a table
const headers = [
  'Content-Length: 0', 'Content-Length: -1', 'Content-Length: abc', 'Content-Length: 99999999999999999999', 'Content-Length: 5368709121',
  'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: identity', 'Expect: 100-continue', 'Expect: foo',
  'Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00', 'Authorization: AWS x:y',
  'Authorization: ', 'Authorization: Basic abc', 'x-amz-copy-source: ', 'x-amz-copy-source: /', 'x-amz-copy-source: bucket/k', 'x-amz-copy-source: %00',
  'x-amz-copy-source: bucket/../../etc', 'x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-content-sha256: zzz', 'x-amz-decoded-content-length: 5', 'x-amz-decoded-content-length: x', 'Content-MD5: x', 'Content-MD5: ', 'x-amz-checksum-crc32: x',
  'x-amz-trailer: x-amz-checksum-crc32', 'x-amz-meta-: a', 'x-amz-meta-a: \xff', 'x-amz-acl: foo', 'x-amz-grant-read: foo', 'x-amz-tagging: a=b=c&&',
  'Range: bytes=5-1', 'Range: x', 'If-Match: *', 'If-None-Match: "', 'If-Modified-Since: x', 'Host: bucket.localhost', 'Host: ', 'Connection: Upgrade\r\nUpgrade: h2c',
  'Content-Type: multipart/form-data', 'Content-Type: \xff', `x: ${'y'.repeat(9000)}`, ': novalue', 'noColon', ' folded', 'x-amz-date: x', 'x-amz-security-token: x',
  'Content-Encoding: aws-chunked', 'Date: x', 'X-Forwarded-Host: a',
]; // biome-ignore format: a table
const bodies = [
  '', '', 'hello', '5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', 'ffffffffffffffffff\r\nx', '5;chunk-signature=x\r\nhello\r\n0;chunk-signature=\r\n\r\n', '<Delete>',
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Delete/>', '<Tagging><TagSet/></Tagging>', '\0\0\0',
]; // biome-ignore format: a table

/** Targets, headers and bodies that crashed or fooled Ceph, MinIO, SeaweedFS, s3proxy, Supabase Storage, versitygw or RustFS. */
const crashers: readonly (readonly [line: string, headers: readonly string[], body: string])[] = [
  ['GET // HTTP/1.1', [], ''],
  ['GET /?max-keys=18446744073709551616&list-type=2 HTTP/1.1', [], ''],
  ['GET /bucket?max-keys=2147483648 HTTP/1.1', [], ''],
  ['GET /bucket?list-type=2&max-keys=&start-after=%00 HTTP/1.1', [], ''],
  ['GET /bucket/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1', [], ''],
  ['GET /bucket/..\\..\\etc\\passwd HTTP/1.1', [], ''],
  ['GET /bucket/%2e%2e/other/secret HTTP/1.1', [], ''],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-copy-source: '], ''],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-copy-source: bucket/../../etc/passwd'], ''],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-copy-source: bucket/k?versionId=%00'], ''],
  ['PUT /bucket/k?partNumber=1&uploadId=x HTTP/1.1', ['x-amz-copy-source: bucket/k', 'x-amz-copy-source-range: bytes=9-1'], ''],
  ['PUT /bucket/k?partNumber=0&uploadId=../x HTTP/1.1', [], 'part'],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-decoded-content-length: 1'], 'fffffffffffffffff\r\n'],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-decoded-content-length: 9007199254740993'], '7fffffffffffffff\r\nx'],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-decoded-content-length: 5', 'x-amz-trailer: x-amz-checksum-crc32'], '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:\r\n\r\n'],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-meta-x-amz-server-side-encryption: AES256', 'x-minio-internal-a: b'], 'hello'],
  ['GET /bucket/k?response-content-type=text%2Fhtml%0d%0aSet-Cookie:%20a=b HTTP/1.1', [], ''],
  ['OPTIONS /bucket/k HTTP/1.1', ['Origin: null', 'Access-Control-Request-Method: PUT', 'Access-Control-Request-Headers: a,\rb'], ''],
  ['GET /bucket/k HTTP/1.1', ['Range: bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7'], ''],
  ['GET /bucket/k HTTP/1.1', ['Range: bytes=-99999999999999999999'], ''],
  ['GET /bucket/k HTTP/1.1', ['Range: bytes=18446744073709551615-'], ''],
  ['GET /bucket/k?versionId=undefined&partNumber=10001 HTTP/1.1', [], ''],
  ['POST /bucket HTTP/1.1', ['Content-Type: multipart/form-data; boundary=b'], '--b\r\nContent-Disposition: form-data; name="bucket"\r\n\r\nother\r\n--b--\r\n'],
  ['POST /bucket HTTP/1.1', ['Content-Type: multipart/form-data; boundary='], '--\r\n'],
  ['POST /bucket?delete HTTP/1.1', ['Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg=='], ''],
  ['POST /bucket/k?uploads&uploadId=x HTTP/1.1', [], ''],
  ['POST /bucket/k?select&select-type=2 HTTP/1.1', [], '<SelectObjectContentRequest/>'],
  ['GET /bucket/k?X-Amz-Credential=a&X-Amz-Signature=b HTTP/1.1', [], ''],
  ['GET /bucket/k HTTP/1.1', ['Authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=,Signature='], ''],
  ['GET /bucket/k HTTP/1.1', ['Authorization: AWS4-HMAC-SHA256 Credential=/////,SignedHeaders=;;;;,Signature=z'], ''],
  ['GET /bucket/k HTTP/1.1', [`Authorization: AWS4-HMAC-SHA256 ${'Credential=a,'.repeat(500)}`], ''],
  ['GET /bucket/k HTTP/1.1', ['x-amz-security-token: '], ''],
  ['PUT /bucket/k?acl HTTP/1.1', ['x-amz-grant-read: id=,uri=,emailAddress='], ''],
  ['PUT /bucket/k?tagging HTTP/1.1', [], '<Tagging><TagSet><Tag><Key>&#0;</Key></Tag></TagSet></Tagging>'],
  ['PUT /bucket/k HTTP/1.1', ['x-amz-tagging: %zz=%&=&&='], 'hello'],
  ['PUT /bucket/k HTTP/1.1', ['Content-Length: 18446744073709551616'], ''],
  ['PUT /bucket/k HTTP/1.1', ['Expect: 100-continue', 'Content-Length: 5368709120'], ''],
  ['GET http://127.0.0.1:22/bucket HTTP/1.1', [], ''],
  ['CONNECT bucket:443 HTTP/1.1', [], ''],
  ['PRI * HTTP/2.0', [], 'SM\r\n\r\n'],
  ['GET /bucket/k HTTP/1.1', ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'], ''],
  ['GET /bucket/k HTTP/9.9', [], ''],
  ['GET', [], ''],
  ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [], ''],
]; // biome-ignore format: a table

/** One request, and the end of its connection after it. */
export function malformedRequest(chance: Chance): string {
  if (chance.flip(0.15)) {
    const [line, given, body] = chance.pick(crashers);
    const hasLength = given.some((one) => /^(content-length|transfer-encoding)/i.test(one)) || body === '';
    const lines = [line, 'Host: localhost', ...given, ...(hasLength ? [] : [`Content-Length: ${body.length}`])];
    return `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;
  }
  const lines = [
    `${chance.pick(methods)} ${chance.pick(paths)}${chance.pick(queries)} ${chance.flip(0.95) ? 'HTTP/1.1' : 'HTTP/1.0'}`,
  ];
  if (chance.flip(0.95)) lines.push('Host: localhost');
  for (let more = chance.below(3); more > 0; more--) lines.push(chance.pick(headers));
  const body = chance.pick(bodies);
  if (body !== '' && chance.flip(0.85)) lines.push(`Content-Length: ${body.length}`);
  lines.push('Connection: close');
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
