// The thresholds by which plans are made, declared once. Figures are parts of capacity, never of a mean: a fleet at rest has nothing to balance
// (CockroachDB thrashed at low load by 10 % above the mean).

export interface Rules {
  /** A partition whose pressure is above `enter` and whose imbalance is above `scoreEnter` wants relief. */
  readonly enter: number;
  readonly scoreEnter: number;
  /** A move aims at so much of the source's capacity. */
  readonly goal: number;
  /** What a target may come to: between these, and so far above the fleet. */
  readonly targetMin: number;
  readonly targetMax: number;
  readonly targetAbove: number;
  /** Seen in so many of the last looks. */
  readonly trouble: Persistence;
  /** The same of what is measured, beside a forecast; and where there are echoes, which have a moment to help. */
  readonly measuredTrouble: Persistence;
  readonly easedTrouble: Persistence;
  /** And where the fleet can grow besides, which helps for longer. */
  readonly elasticTrouble: Persistence;
  readonly shortage: Persistence;
  /** The fleet is short above so much of what it can do, everything spread evenly. */
  readonly growAbove: number;
  readonly elastic: Elastic;
  /** Imbalance, and pressure although echoes help, from which a partition that nobody can relieve calls for another one. */
  readonly splitScore: number;
  readonly splitPressure: number;
  /** Out of one partition at a time, and of all stored bytes under way. */
  readonly movesOutMax: number;
  readonly inFlightShareMax: number;
  /** So much may always be: a twentieth of a small store is less than a block. */
  readonly inFlightBytesMin: number;
  /** An area that moved is left alone for so long, or for three times what its move took. */
  readonly cooldownSec: number;
  /** For so long it does not move again for what echoes carry meanwhile: else areas go to and fro. */
  readonly settleSec: number;
  /** By which the time that a move takes is foreseen. */
  readonly moveBytesPerSec: number;
  /**
   * A move begins so many times its length, and so long, before it must be over: forecasts come true too early, too. As long as `horizonSec` is less
   * than that, it begins when it is seen.
   */
  readonly headStart: number;
  readonly headStartSec: number;
  readonly price: Price;
  /** Where echoes carry meanwhile what is too much. */
  readonly easedPrice: Price;
  /** They have to be over before q90 comes to so much of the source's capacity. */
  readonly easedFrom: number;
  /** Who is measured above `enter` of a reactive balancer, or, helped by echoes, above this, is helped whatever is foreseen. */
  readonly easedEnter: number;
  /** A fleet that has echoes and can grow is not moved about above this: whoever takes is full soon. */
  readonly fullFleet: number;
  /** Plans look no further than this (the simulator: than twice what its moves take, and a quarter of an hour at least). */
  readonly horizonSec: number;
  /** Re-homing takes no time, so it looks no further. */
  readonly reHomeAheadSec: number;
  /** The emptiest partition may go after that. */
  readonly merge: Calm;
  /** Ticks are so far apart. */
  readonly tickSec: number;
  readonly remedies: Remedies;
}

export interface Persistence {
  readonly times: number;
  readonly of: number;
}

/** Without it the fleet would be at most at `below` as measured, and at `foreseen` in all that is foreseen, for `sec`. */
export interface Calm {
  readonly below: number;
  readonly foreseen: number;
  readonly sec: number;
}

/**
 * Where load is foreseen and echoes use a partition as soon as it is there, partitions come when they are needed and go soon after: little has to be
 * carried to them, and little away.
 */
export interface Elastic {
  /** So much of what the fleet can do, measured, is a shortage as well; what is foreseen is none before steps that begin so soon. */
  readonly growAtOnce: number;
  readonly growAheadSec: number;
  readonly shortage: Persistence;
  readonly leave: Calm;
  /** Nor does it go where the others would have been above this in an hour of the last day: what comes back must not need moves. */
  readonly hourMax: number;
  /** Of which so many have to be known. */
  readonly hoursMin: number;
  /** It stays so many times as long as it takes to carry away what it holds. */
  readonly leaveDrains: number;
  /** Where nothing is foreseen, too: for comparisons. */
  readonly unforeseen: boolean;
}

/** Overloaded minutes that a move has to save: any, and as many more for each hundredth of a partition's even share of all bytes. */
export interface Price {
  readonly perMove: number;
  readonly perHundredth: number;
}

/** What may be done; all of it, but for comparisons. */
export interface Remedies {
  readonly reHome: boolean;
  readonly move: boolean;
  readonly grow: boolean;
}

export const usualRules: Rules = {
  enter: 0.85,
  scoreEnter: 0.05,
  goal: 0.8,
  targetMin: 0.75,
  targetMax: 0.95,
  targetAbove: 0.1,
  trouble: { times: 2, of: 3 },
  measuredTrouble: { times: 1, of: 1 },
  easedTrouble: { times: 4, of: 5 },
  elasticTrouble: { times: 8, of: 8 },
  shortage: { times: 6, of: 8 },
  growAbove: 1,
  elastic: {
    growAtOnce: 0.9,
    growAheadSec: 1200,
    shortage: { times: 2, of: 3 },
    leave: { below: 0.9, foreseen: 1, sec: 3600 },
    hourMax: 1,
    hoursMin: 20,
    leaveDrains: 3,
    unforeseen: false,
  },
  splitScore: 0.1,
  splitPressure: 1,
  movesOutMax: 2,
  inFlightShareMax: 0.05,
  inFlightBytesMin: 1024 ** 3,
  cooldownSec: 600,
  settleSec: 6 * 3600,
  moveBytesPerSec: 64 * 1024 * 1024,
  headStart: 1.25,
  headStartSec: 7200,
  price: { perMove: 2, perHundredth: 0.3 },
  easedPrice: { perMove: 11, perHundredth: 3 },
  easedFrom: 1,
  easedEnter: 0.95,
  fullFleet: 0.9,
  horizonSec: 3600,
  reHomeAheadSec: 900,
  merge: { below: 0.5, foreseen: 0.7, sec: 86_400 },
  tickSec: 60,
  remedies: { reHome: true, move: true, grow: true },
};

const noPrice: Price = { perMove: 0, perHundredth: 0 };

/**
 * Beside a forecast and without echoes: bursts last minutes. In a fleet that is busy as little is moved as helps, to anybody who stays below what it
 * can do; where there is room a balancer without foresight does better, since what it leaves is not full at the next burst.
 */
export const atOnce = (rules: Rules, fleetPressure: number): Rules => ({
  ...reactive(rules),
  goal: Math.min(0.9, Math.max(0.85, fleetPressure + 0.05)),
  targetMax: 0.95,
  targetAbove: 0.15,
});

/** What a balancer without foresight does, and what is done while nothing is foreseen: measured load above nine tenths, to whoever has room. */
export const reactive = (rules: Rules): Rules => ({
  ...rules,
  enter: 0.9,
  scoreEnter: 0,
  splitPressure: 0.9,
  goal: 0.85,
  targetMin: 0.85,
  targetMax: 0.85,
  price: noPrice,
  easedPrice: noPrice,
});
