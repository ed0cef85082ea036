// Row `upload`: a running multipart upload. A part's commit checks that this row is still open.
import type { Upload } from '../../model/object.ts';
import { readAcl, writeAcl } from './acl-fields.ts';
import { algorithms, checksumTypes, readAttributes, readTags, writeAttributes, writeTags } from './object-fields.ts';
import { atPlace, decodeRecord, encodeRecord, placeOf, readOptional, writeOptional } from './record.ts';

const format = 1;
const states: readonly Upload['state'][] = ['open', 'completing'];

export const encodeUpload = (upload: Upload): Buffer =>
  encodeRecord(format, (to) => {
    to.byte(placeOf(states, upload.state));
    to.text(upload.id);
    to.text(upload.key);
    to.count(upload.initiatedMs);
    to.text(upload.owner);
    to.text(upload.initiator);
    writeAcl(to, upload.acl);
    writeAttributes(to, upload.attributes);
    writeTags(to, upload.tags);
    writeOptional(to, upload.checksumAlgorithm, (algorithm) => to.byte(placeOf(algorithms, algorithm)));
    writeOptional(to, upload.checksumType, (type) => to.byte(placeOf(checksumTypes, type)));
    writeOptional(to, upload.closedBy, (token) => to.id(token));
  });

export const decodeUpload = (value: Buffer): Upload =>
  decodeRecord('upload', format, value, (from) => {
    const upload = {
      state: atPlace(states, from.byte()),
      id: from.text(),
      key: from.text(),
      initiatedMs: from.count(),
      owner: from.text(),
      initiator: from.text(),
      acl: readAcl(from),
      attributes: readAttributes(from),
      tags: readTags(from),
    };
    const checksumAlgorithm = readOptional(from, () => atPlace(algorithms, from.byte()));
    const checksumType = readOptional(from, () => atPlace(checksumTypes, from.byte()));
    const closedBy = readOptional(from, () => from.id());
    return {
      ...upload,
      ...(checksumAlgorithm === undefined ? undefined : { checksumAlgorithm }),
      ...(checksumType === undefined ? undefined : { checksumType }),
      ...(closedBy === undefined ? undefined : { closedBy }),
    };
  });
