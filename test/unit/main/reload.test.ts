// What a reload changes at once, what by new processes, and what it leaves for a restart.
import { describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../../src/config/config.ts';
import { planReload } from '../../../src/main/reload.ts';

const { config } = loadConfig({ env: {}, flags: {}, cwd: '/nowhere' });
const plan = (change: Partial<Config>) => planReload(config, { ...config, ...change });

describe('planReload', () => {
  it('does nothing when nothing changed', () => {
    expect(plan({})).toMatchObject({ rolls: [], needsRestart: [], message: 'nothing changed' });
  });
  it('changes users and log in place', () => {
    expect(plan({ logLevel: 'debug', users: [] })).toMatchObject({ rolls: [], message: 'changed: logLevel' });
  });
  it('rolls for what the processes were built with', () => {
    expect(plan({ region: 'x', profile: 'rgw' }).rolls).toEqual(['region', 'profile']);
  });
  it('keeps ports and directory, and says that they need a restart', () => {
    const planned = plan({ listen: { host: '127.0.0.1', port: 1 }, region: 'x' });
    expect(planned.needsRestart).toEqual(['listen']);
    expect(planned.config).toMatchObject({ listen: config.listen, region: 'x' });
    expect(planned.message).toBe('changed: region; needs a restart: listen');
  });
  it('does not switch between http and https under way', () => {
    const planned = plan({ tlsCert: 'c', tlsKey: 'k' });
    expect(planned.config).toMatchObject({ tlsCert: undefined, tlsKey: undefined });
    expect(planned).toMatchObject({ rolls: [], needsRestart: ['tlsCert'] });
  });
});
