// I9: an upload's row says where it stands, its parts are its own, and what it published is not open any more.
import { idOf, numberAtEnd, tag, uploadKeyOf } from '../../../catalog/keys.ts';
import { decodePart } from '../../../catalog/records/part.ts';
import { decodeUpload } from '../../../catalog/records/upload.ts';
import { walkKind } from '../../walk-rows.ts';
import type { Check } from '../check.ts';
import { partName } from '../names.ts';

export const uploadsCheck: Check = {
  name: 'uploads',
  promise: 'running uploads hold only parts of their own',
  async run(ground, findings) {
    const { holders, uploads } = await ground.holdings();
    for await (const { key, value } of walkKind(ground.catalog, tag.upload)) {
      findings.look();
      const upload = decodeUpload(value);
      const stands = uploadKeyOf(key);
      if (stands.uploadId !== upload.id || stands.key !== upload.key)
        findings.break(`upload ${upload.id} of ${JSON.stringify(upload.key)} stands in another one's place`);
      if (holders.has(upload.id)) findings.break(`upload ${upload.id} is running, but a version holds its bytes`);
    }
    for await (const { key, value } of walkKind(ground.catalog, tag.manifestPart)) {
      const upload = idOf(key);
      findings.look();
      const { manifest, partNumber } = decodePart(value);
      if (numberAtEnd(key, 2) !== partNumber)
        findings.break(`${partName(upload, partNumber)} stands under the number ${numberAtEnd(key, 2)}`);
      const shared = manifest !== undefined && uploads.has(upload) ? holders.get(manifest) : 1;
      if (shared > 1) findings.break(`${partName(upload, partNumber)}: ${shared} hold its bytes`);
    }
  },
};
