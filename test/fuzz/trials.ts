// Every fuzzer that runs against real processes, one line each.
import type { Trial } from '../support/trial.ts';
import { chunkStreams } from './chunk-streams.ts';
import { overload } from './overload.ts';
import { rawHttp } from './raw-http.ts';
import { signatures } from './signatures.ts';
import { slowClients } from './slow-clients.ts';
import { xml } from './xml.ts';

export const trials: readonly Trial[] = [rawHttp, xml, signatures, chunkStreams, slowClients, overload];
