// PutBucketVersioning: on, or suspended; never off again.
import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import type { Versioning } from '../../model/bucket.ts';
import { s3Error } from '../errors.ts';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';

const states: Readonly<Record<string, Versioning>> = { Enabled: 'enabled', Suspended: 'suspended' };

export default operation({
  command: PutBucketVersioningCommand,
  actions: onBucket('s3:PutBucketVersioning'),
  refused: ['MFA'],
  errors: [
    'NoSuchBucket',
    'IllegalVersioningConfigurationException',
    'MalformedXML',
    'MissingRequestBodyError',
    'NotImplemented',
  ],
  async handle(input, { objects }) {
    const { Status, MFADelete } = input.VersioningConfiguration;
    if (MFADelete !== undefined && MFADelete !== 'Disabled') {
      if (MFADelete !== 'Enabled') throw s3Error('MalformedXML');
      throw s3Error('NotImplemented', { message: 'MFA delete is not implemented', extra: { Header: 'MfaDelete' } });
    }
    if (Status === undefined) throw s3Error('IllegalVersioningConfigurationException');
    const versioning = states[Status];
    if (versioning === undefined) throw s3Error('MalformedXML');
    await objects.updateBucket(input.Bucket, (bucket) => ({ ...bucket, versioning }));
    return { output: {} };
  },
});
