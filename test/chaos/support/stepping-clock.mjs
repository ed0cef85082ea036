// Preloaded into every process of a server under trial: its wall clock is off by what a file says, and steps when the file changes.
// Each process takes one of the file's offsets by its id, so that clocks differ. What counts elapsed time is left alone, as when an
// operator or NTP sets the clock of a machine.
import { readFileSync } from 'node:fs';

const lookEveryMs = 50;
const { STEPPING_CLOCK_FILE: file } = process.env;
const RealDate = Date;
const realNow = RealDate.now;
let offsetMs = 0;

function look() {
  const offsets = JSON.parse(readFileSync(file, 'utf8'));
  offsetMs = offsets[process.pid % offsets.length];
}

function SteppingDate(...given) {
  if (new.target === undefined) return new RealDate(SteppingDate.now()).toString();
  return Reflect.construct(RealDate, given.length === 0 ? [SteppingDate.now()] : given, new.target);
}
SteppingDate.now = () => realNow() + offsetMs;
SteppingDate.parse = RealDate.parse;
SteppingDate.UTC = RealDate.UTC;
SteppingDate.prototype = RealDate.prototype;

look();
setInterval(look, lookEveryMs).unref();
globalThis.Date = SteppingDate;
