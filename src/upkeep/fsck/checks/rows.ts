// Every row is of a known kind and reads back; nothing else can be judged about one that does not.
import { type Tag, tag } from '../../../catalog/keys.ts';
import { decodeAct } from '../../../catalog/records/act.ts';
import { decodeArea } from '../../../catalog/records/area.ts';
import { decodeBlock } from '../../../catalog/records/block.ts';
import { decodeBucket } from '../../../catalog/records/bucket.ts';
import { decodeDecision, decodeDecisionInput } from '../../../catalog/records/decision.ts';
import { decodeDeclared } from '../../../catalog/records/declared.ts';
import { decodeDelta, decodeUsage } from '../../../catalog/records/delta.ts';
import { decodeDemandBin } from '../../../catalog/records/demand-bin.ts';
import { decodeDropped } from '../../../catalog/records/dropped.ts';
import { decodeEcho } from '../../../catalog/records/echo.ts';
import { decodeFinishedUpload } from '../../../catalog/records/finished-upload.ts';
import { decodeLease } from '../../../catalog/records/lease.ts';
import { decodeLineage } from '../../../catalog/records/lineage.ts';
import { decodeManifestChunk } from '../../../catalog/records/manifest.ts';
import { decodePack } from '../../../catalog/records/pack.ts';
import { decodePart } from '../../../catalog/records/part.ts';
import { decodePartition } from '../../../catalog/records/partition.ts';
import { decodePin } from '../../../catalog/records/pin.ts';
import { decodeReference } from '../../../catalog/records/reference.ts';
import { decodeSequence } from '../../../catalog/records/sequence.ts';
import { decodeHeartbeat, decodeSession } from '../../../catalog/records/session.ts';
import { decodeSetting } from '../../../catalog/records/setting.ts';
import { decodeUpload } from '../../../catalog/records/upload.ts';
import { decodeVersion } from '../../../catalog/records/version.ts';
import { walkPages } from '../../walk-rows.ts';
import type { Check } from '../check.ts';

const decoders: Partial<Record<Tag, (value: Buffer) => unknown>> = {
  [tag.bucket]: decodeBucket,
  [tag.current]: decodeVersion,
  [tag.version]: decodeVersion,
  [tag.nullVersion]: decodeSequence,
  [tag.manifest]: decodeManifestChunk,
  [tag.manifestPart]: decodePart,
  [tag.reference]: decodeReference,
  [tag.block]: decodeBlock,
  [tag.pack]: decodePack,
  [tag.session]: decodeSession,
  [tag.heartbeat]: decodeHeartbeat,
  [tag.upload]: decodeUpload,
  [tag.finishedUpload]: decodeFinishedUpload,
  [tag.area]: decodeArea,
  [tag.partition]: decodePartition,
  [tag.delta]: decodeDelta,
  [tag.usage]: decodeUsage,
  [tag.dropped]: decodeDropped,
  [tag.lease]: decodeLease,
  [tag.watermark]: decodeSequence,
  [tag.setting]: decodeSetting,
  [tag.demandBin]: decodeDemandBin,
  [tag.lineage]: decodeLineage,
  [tag.declared]: decodeDeclared,
  [tag.echo]: decodeEcho,
  [tag.pin]: decodePin,
  [tag.decision]: decodeDecision,
  [tag.decisionInput]: decodeDecisionInput,
  [tag.act]: decodeAct,
};

export const rowsCheck: Check = {
  name: 'rows',
  promise: 'every row is of a known kind and reads back',
  async run({ catalog }, findings) {
    for await (const rows of walkPages(catalog, Buffer.of(1), Buffer.of(0xff))) {
      findings.look(rows.length);
      for (const { key, value } of rows) {
        const decode = decoders[key[0] as Tag];
        if (decode === undefined) {
          findings.break(`row ${key.toString('hex')} is of no kind that this program writes`);
          continue;
        }
        try {
          decode(value);
        } catch (error) {
          findings.break(`row ${key.toString('hex')} does not read back: ${(error as Error).message}`);
        }
      }
    }
  },
};
