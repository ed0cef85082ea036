// The SDK's client as these tests use it: one try per request, so that a failure is seen.
import { S3Client } from '@aws-sdk/client-s3';

export const keys = { accessKey: 'PROCESSTESTKEY000001', secretKey: 'process-test-secret-key-0000000000000001' };
export const keysEnv = { ECHOGATE_ACCESS_KEY: keys.accessKey, ECHOGATE_SECRET_KEY: keys.secretKey };

export function s3(endpoint: string, given: { accessKey: string; secretKey: string } = keys): S3Client {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    // What fails is what these tests look at.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    credentials: { accessKeyId: given.accessKey, secretAccessKey: given.secretKey },
  });
}
