// The short form of every trial, so that a broken promise fails CI.
import { shortTrials } from '../support/short-trials.ts';
import { trials } from './trials.ts';

shortTrials(trials);
