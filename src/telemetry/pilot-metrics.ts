// Metrics of the pilot's plans.
import type { Row } from './metrics.ts';

export const pilotMetrics = {
  pilotPlans: {
    type: 'counter',
    name: 'echogate_pilot_plans_total',
    help: 'Plans that the pilot made: by its tick, because an operator asked, or to level the fleet',
    labels: ['cause'],
  },
  pilotSteps: {
    type: 'counter',
    name: 'echogate_pilot_steps_total',
    help: 'Steps of plans that were to be carried out, and what came of them',
    labels: ['kind', 'outcome'],
  },
  pilotUnderWay: {
    type: 'gauge',
    name: 'echogate_pilot_under_way',
    help: 'What was begun and is not over',
    labels: ['kind'],
  },
  pilotBytesLeft: {
    type: 'gauge',
    name: 'echogate_pilot_move_bytes_left',
    help: 'Bytes that running moves still have to move',
  },
  pilotTickSeconds: {
    type: 'gauge',
    name: 'echogate_pilot_tick_seconds',
    help: 'How long the last tick of the pilot took',
  },
  pilotPaused: { type: 'gauge', name: 'echogate_pilot_paused', help: '1 while an operator has paused the pilot' },
} as const satisfies Record<string, Row>;
