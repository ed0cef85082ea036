// Ids are 128 random bits written as 32 lower-case hex digits; partition and area names are short text.
/** Can `text` be one? What clients send is asked before it becomes a row's key, a path or a name on a backend. */
export const isId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

export type BlockId = string;
export type PackId = string;
export type ManifestId = string;
export type BucketId = string;
export type UploadId = string;
export type SessionId = string;
export type AreaId = string;
/** As the operator wrote it in the configuration: `p1`. */
export type PartitionId = string;
