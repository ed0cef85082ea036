// Both kinds of one-number rows under one name.
export * from './reference.ts';
export * from './sequence.ts';
