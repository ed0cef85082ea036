// Members of the model that belong to features which are not built: operations name them in `refused`, so that the pipeline
// answers 501 instead of ignoring what a client asked for. Vacuous values stand in `vacuous…` for `accepts`.

/** SSE-C: the only encryption headers that reads and parts carry. */
export const customerKeyMembers = ['SSECustomerAlgorithm', 'SSECustomerKey', 'SSECustomerKeyMD5'] as const;

export const sourceCustomerKeyMembers = [
  'CopySourceSSECustomerAlgorithm',
  'CopySourceSSECustomerKey',
  'CopySourceSSECustomerKeyMD5',
] as const;

export const encryptionMembers = [
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'SSEKMSEncryptionContext',
  'BucketKeyEnabled',
  ...customerKeyMembers,
] as const;

export const lockMembers = [
  'ObjectLockMode',
  'ObjectLockRetainUntilDate',
  'ObjectLockLegalHoldStatus',
  'ObjectLockEventHold',
  'ObjectLockEventHoldDurationDays',
  'ObjectLockEventHoldDurationYears',
] as const;

/** Algorithms of the model that we do not compute. */
export const unbuiltChecksumMembers = [
  'ChecksumSHA512',
  'ChecksumMD5',
  'ChecksumXXHASH64',
  'ChecksumXXHASH3',
  'ChecksumXXHASH128',
] as const;

/** Every bucket is paid for by its owner: who accepts to pay is never charged. */
export const vacuousPayer = { RequestPayer: ['requester'] } as const;
/** No retention exists, so there is none to bypass. */
export const vacuousBypass = { BypassGovernanceRetention: ['true', 'false'] } as const;
export const onlyStandard = { StorageClass: ['STANDARD'] } as const;
/** No object is ever restored from an archive, so the optional attribute is always absent. */
export const vacuousRestoreStatus = { OptionalObjectAttributes: ['RestoreStatus'] } as const;
