// The pilot: one process that keeps the storage in order while the workers serve.
import { openPilot, warm } from '../compose.ts';
import { serveSupervisor } from './child-side.ts';

serveSupervisor(openPilot, warm('pilot'));
