// Bucket names: what may be created is strict; what may be addressed is wider, so that an odd but possible name is just not found.
import { caps } from '../base/caps.ts';

const addressable = /^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/;
const labels = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const ipAddress = /^\d+\.\d+\.\d+\.\d+$/;
// Names that AWS keeps for itself.
const reserved = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** May a bucket be created under this name? */
export const isValidBucketName = (name: string): boolean =>
  name.length >= caps.bucketNameMin &&
  name.length <= caps.bucketNameMax &&
  labels.test(name) &&
  !ipAddress.test(name) &&
  !reserved.test(name);

/** May a bucket of this name exist at all? */
export const isAddressableBucketName = (name: string): boolean => addressable.test(name);
