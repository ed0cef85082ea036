// A gateway worker: serves the connections that the supervisor hands over.
import { openWorker, warm } from '../compose.ts';
import { serveSupervisor } from './child-side.ts';

serveSupervisor(openWorker, warm('worker'));
