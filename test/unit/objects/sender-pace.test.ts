// Who brings a body, and who only keeps its place.
import { describe, expect, it } from 'vitest';
import { SenderPace } from '../../../src/objects/sender-pace.ts';

describe('a sender', () => {
  it('is at work until it was asked', () => {
    expect(new SenderPace().isSilent(1e9)).toBe(false);
  });

  it('is silent when nothing came for a quarter of a second', () => {
    const pace = new SenderPace();
    pace.asked(1_000);
    expect([pace.isSilent(1_250), pace.isSilent(1_251)]).toEqual([false, true]);
  });

  it('is silent when it sends, but less than 64 KiB in that time', () => {
    const pace = new SenderPace();
    for (let nowMs = 0; nowMs <= 300; nowMs += 100) {
      pace.asked(nowMs);
      pace.came(10, nowMs + 90);
    }
    expect(pace.isSilent(400)).toBe(true);
    pace.came(65_536, 400);
    expect(pace.isSilent(400)).toBe(false);
  });

  it('is not charged for what it had to wait itself', () => {
    const pace = new SenderPace();
    pace.asked(0);
    pace.came(10, 10);
    expect(pace.isSilent(10_000)).toBe(false);
  });
});
