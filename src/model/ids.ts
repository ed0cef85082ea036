// Ids are 128 random bits written as 32 lower-case hex digits; partition and area names are short text.
export type BlockId = string;
export type PackId = string;
export type ManifestId = string;
export type BucketId = string;
export type UploadId = string;
export type SessionId = string;
export type AreaId = string;
/** As the operator wrote it in the configuration: `p1`. */
export type PartitionId = string;
