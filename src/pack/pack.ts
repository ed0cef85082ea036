// The pack format's front door: everything that writes or reads packs comes through here. docs/PACK-FORMAT.md says what
// the bytes mean. Pure: bytes in, bytes out; who moves them are the partitions.
export { crc32c } from './crc32c.ts';
export {
  encodeFrameHeader,
  encodeFrameTrailer,
  type FrameKind,
  frameBytes,
  frameHeaderBytes,
  frameTrailerBytes,
} from './frame.ts';
export { encodeHeader, headerBytesMax, type PackHeader } from './header.ts';
export {
  encodeFooter,
  encodeIndex,
  type Footer,
  footerBytes,
  type IndexEntry,
  indexBytes,
  parseFooter,
  parseIndex,
} from './index-footer.ts';
export { type AssembledFrame, PackAssembly, sealedPackBytes } from './pack-assembly.ts';
export {
  type PackEvent,
  PackScanner,
  type ParsedPack,
  parsePack,
  type ScanEnd,
  type ScannedFrame,
} from './pack-scanner.ts';
export { SliceCrcs, sliceCount, sliceCrcsOf } from './slice-crcs.ts';
