// Loaded into echogate's processes by `--profile`: a worker begins a CPU profile at SIGUSR2 and writes it at the next one.
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

const folder = process.env.BENCH_PROFILES;
const samplingMicros = 400;

if (folder !== undefined && process.argv[1]?.endsWith('worker-process.js')) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: samplingMicros });
  let isRunning = false;
  let written = 0;
  process.on('SIGUSR2', () => {
    isRunning = !isRunning;
    if (isRunning) session.post('Profiler.start');
    else
      session.post('Profiler.stop', (_error, { profile }) => {
        const path = join(folder, `${process.pid}-${++written}.cpuprofile`);
        writeFileSync(`${path}.part`, JSON.stringify(profile));
        renameSync(`${path}.part`, path);
      });
  });
}
