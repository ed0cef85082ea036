// Echo's door: read-only copies of hot blocks on neighbouring partitions. What stands here decides and does nothing; `acts/` carry it out, and
// `adapters/` keep the map of what there is.
export {
  busyShare,
  type Choice,
  type ChoiceReason,
  type Copy,
  chooseCopy,
  type Trouble,
  troubleOf,
  type Usual,
} from './choose-copy.ts';
export { type Crowd, countEchoes, echoesMax } from './count-echoes.ts';
export { type CountRule, countRules, leastOf, type Wanted, type WantedOf } from './count-for.ts';
export { type EchoMap, EchoMapAway } from './echo-map.ts';
export {
  type Candidate,
  crowdPart,
  type ForeseenEchoes,
  firstPart,
  foreseeEchoes,
  isNear,
  leadSec,
  muchColder,
  type PlacedSpot,
  type Spot,
  type SpotBlocks,
  standingHeat,
  standingPart,
  standingSpot,
} from './foresee-echoes.ts';
export { type Domains, neighbourOf, type SeenHealth, spareOf } from './neighbour.ts';
export { type Neighbour, placeEchoes } from './place-echoes.ts';
export { readsPerSec, Spill } from './spill.ts';
