// The short form of every fuzzer, so that what hostile input breaks fails CI.
import { shortTrials } from '../support/short-trials.ts';
import { trials } from './trials.ts';

shortTrials(trials);
