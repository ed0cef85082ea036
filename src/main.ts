// The supervisor: owns the data directory and the ports, keeps the workers and the pilot running, and imports neither SDK nor HTTP
// framework. Of the catalog it only holds the write lock while a child opens it. If it dies its children end with it; a new one finds
// everything in the data directory.
import { statSync } from 'node:fs';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createAdmin } from './admin/admin.ts';
import { steadyAheadMs } from './base/clock.ts';
import { makeDurableFolder } from './base/durable-folder.ts';
import type { Config, Loaded } from './config/config.ts';
import { Acceptor } from './main/acceptor.ts';
import type { Child } from './main/child.ts';
import { childEnvironment } from './main/child-environment.ts';
import { Crew } from './main/crew.ts';
import { Doorway } from './main/doorway.ts';
import { Fencing } from './main/fencing.ts';
import { KeyRing } from './main/key-ring.ts';
import { acquireLock, type Lock } from './main/lock.ts';
import { CallRefused, type Refresh, type StartMessage } from './main/messages.ts';
import { isPilotCall, whyNotReady } from './main/pilot-calls.ts';
import { bindPort, hostPort, listenOn } from './main/ports.ts';
import { planReload } from './main/reload.ts';
import { logEnd, metricsOf, type Reported, readinessOf, statusOf } from './main/report.ts';
import { removeRunFile, writeRunFile } from './main/run-file.ts';
import { ensureAdminToken, ensureCredentials, mainUser } from './main/secrets.ts';
import type { Supervisor, SupervisorOptions } from './main/supervisor.ts';
import { readTrialOrders } from './main/trial-orders.ts';
import { createLogger, type Logger } from './telemetry/telemetry.ts';

const workerScript = fileURLToPath(new URL('./main/worker-process.js', import.meta.url));
const pilotScript = fileURLToPath(new URL('./main/pilot-process.js', import.meta.url));
const pilotDrainMs = 10_000;

export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { config } = options.loaded;
  makeDurableFolder(config.data, 0o700);
  const lock = acquireLock(config.data);
  try {
    const supervisor = new RunningSupervisor(options, lock);
    await supervisor.start();
    return supervisor;
  } catch (error) {
    lock.release();
    throw error;
  }
}

class RunningSupervisor implements Supervisor {
  readonly generated: Supervisor['generated'];
  readonly isFirstStart: boolean;
  readonly done: Promise<void>;
  endpoint = '';
  adminUrl = '';
  readonly #options: SupervisorOptions;
  readonly #lock: Lock;
  readonly #log: Logger;
  readonly #keys: KeyRing;
  readonly #acceptor: Acceptor;
  readonly #admin: Server;
  readonly #workers: Crew;
  readonly #pilot: Crew;
  readonly #fencing: Fencing;
  #config: Config;
  #state: 'starting' | 'serving' | 'draining' = 'starting';
  #pilotReady: Promise<void>;
  #reloading: Promise<string> | undefined;
  #finish: () => void = () => {};

  constructor(options: SupervisorOptions, lock: Lock) {
    const { clock, loaded } = options;
    const { config } = loaded;
    this.#options = options;
    this.#config = config;
    this.#lock = lock;
    this.#log = createLogger({ level: config.logLevel, role: 'supervisor' });
    this.#fencing = new Fencing(() => this.#pilot.ready[0], this.#log);
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    const made = config.users.length === 0 ? ensureCredentials(config.data, options.random) : undefined;
    this.isFirstStart = statSync(`${config.data}/catalog`, { throwIfNoEntry: false }) === undefined;
    // Also when an earlier start made them and failed before it could show them (a port was taken).
    const isNews = made !== undefined && (made.created || this.isFirstStart);
    this.generated = isNews ? { accessKey: made.accessKey, secretKey: made.secretKey } : undefined;
    const first = made === undefined ? config.users : [mainUser(made)];
    this.#keys = new KeyRing(config.data, first, made !== undefined, options.random);
    this.#acceptor = new Acceptor({ takers: () => this.#workers.ready, clock, isTls: config.tlsCert !== undefined });
    this.#admin = createAdmin({
      token: config.adminToken ?? ensureAdminToken(config.data, options.random),
      backend: {
        readiness: () => readinessOf(this.#reported()),
        metrics: () => metricsOf(this.#reported()),
        call: (...args) => this.call(...args),
      },
    });
    const env = childEnvironment(options.env);
    const aheadMs = steadyAheadMs(clock);
    const message = (): StartMessage => ({
      type: 'start',
      config: this.#config,
      users: this.#keys.users,
      fence: this.#fencing.atStart,
      steadyAheadMs: aheadMs,
      trial: readTrialOrders(options.env),
    });
    const doorway = new Doorway({
      clock,
      open: async () => (await import('./compose/open-commit-barrier.ts')).openCommitBarrier(config),
    });
    const common = {
      env,
      clock,
      onFork: (pid: number) => lock.note(pid),
      onOpens: (child: Child) => void doorway.admit(child),
    };
    this.#pilotReady = new Promise((resolve) => {
      this.#onPilotReady = resolve;
    });
    this.#pilot = new Crew({
      name: 'pilot',
      ...common,
      script: pilotScript,
      overlaps: false,
      spare: false,
      start: async () => message(),
      onReady: () => {
        this.#fencing.pilotReady();
        this.#onPilotReady();
      },
      onEnd: (child, how, _, expected) => {
        logEnd(this.#log, child, how, expected);
        this.#fencing.childEnded(child);
      },
    });
    this.#workers = new Crew({
      name: 'worker',
      ...common,
      script: workerScript,
      overlaps: true,
      spare: true,
      // Not before the sessions of an earlier run are fenced.
      start: () => this.#pilotReady.then(message),
      onReady: (child) => {
        this.#log.info({ child: child.name, childPid: child.pid }, 'worker serves');
        this.#acceptor.flush();
        // What changed while it was starting.
        const { logLevel, accessLog } = this.#config;
        child.call('refresh', { users: this.#keys.users, logLevel, accessLog }).catch(() => {});
      },
      onEnd: (child, how, orphaned, expected) => {
        logEnd(this.#log, child, how, expected);
        this.#fencing.childEnded(child);
        for (const socket of orphaned) this.#acceptor.give(socket);
      },
    });
  }
  #onPilotReady: () => void = () => {};

  async start(): Promise<void> {
    const config = this.#config;
    const port = await bindPort('listen', config.listen, (address) => this.#acceptor.listen(address));
    const adminPort = await bindPort('admin', config.admin, (address) => listenOn(this.#admin, address)).catch(
      (error) => {
        this.#acceptor.close();
        throw error;
      },
    );
    const scheme = config.tlsCert === undefined ? 'http' : 'https';
    this.endpoint = `${scheme}://${hostPort(config.listen.host, port)}`;
    this.adminUrl = `http://${hostPort(config.admin.host, adminPort)}`;
    try {
      await Promise.all([this.#pilot.start(1), this.#workers.start(config.workers)]);
      const { firstBucket } = this.#options;
      if (this.isFirstStart && firstBucket !== undefined) await this.call('buckets.create', { name: firstBucket });
    } catch (error) {
      this.#acceptor.close();
      this.#admin.close();
      this.#workers.killAll();
      this.#pilot.killAll();
      throw error;
    }
    this.#state = 'serving';
    const { region } = config;
    writeRunFile(config.data, { pid: process.pid, endpoint: this.endpoint, adminUrl: this.adminUrl, region });
    this.#log.info({ endpoint: this.endpoint, admin: this.adminUrl, workers: config.workers }, 'serving');
  }

  async stop(): Promise<void> {
    if (this.#state === 'draining') {
      this.#log.warn('ending at once');
      this.#workers.killAll();
      this.#pilot.killAll();
      return this.#end();
    }
    this.#state = 'draining';
    const { drainDelayMs, drainMs } = this.#config;
    this.#log.info({ drainMs }, 'draining');
    if (drainDelayMs > 0) await this.#options.clock.sleep(drainDelayMs);
    this.#acceptor.close();
    await this.#workers.close(drainMs);
    await this.#pilot.close(pilotDrainMs);
    this.#log.info('ended');
    this.#end();
  }

  #end(): void {
    this.#admin.close();
    this.#admin.closeAllConnections();
    removeRunFile(this.#config.data);
    this.#lock.release();
    this.#finish();
  }

  #reported(): Reported {
    const { endpoint } = this;
    const { version } = this.#options;
    const { turnedAway } = this.#acceptor;
    const crews = { workers: this.#workers, pilot: this.#pilot };
    return { state: this.#state, version, endpoint, config: this.#config, ...crews, turnedAway };
  }

  async call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    switch (method) {
      case 'status':
        return statusOf(this.#reported());
      case 'reload':
        return { message: await this.reload() };
      case 'keys.list':
        return { keys: this.#keys.list() };
      case 'keys.create': {
        const user = this.#keys.create(params);
        await this.#refresh({ users: this.#keys.users });
        return user;
      }
      case 'keys.remove':
        this.#keys.remove(params.accessKey);
        await this.#refresh({ users: this.#keys.users });
        return { removed: params.accessKey };
      default: {
        const [child] = (isPilotCall(method) ? this.#pilot : this.#workers).ready;
        if (child === undefined) throw new CallRefused('not-ready', whyNotReady(method));
        return await child.call(method, params);
      }
    }
  }

  /** Resolves when every worker that serves works by the new values. */
  async #refresh(refresh: Refresh): Promise<void> {
    const told = [...this.#workers.ready, ...this.#pilot.ready].map((child) => child.call('refresh', refresh));
    // One that ends meanwhile is replaced by one that starts with the new values.
    await Promise.allSettled(told);
  }

  /** Validates first; on a mistake everything stays as it is. */
  async reload(): Promise<string> {
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined;
    });
    return await this.#reloading;
  }

  async #reload(): Promise<string> {
    let loaded: Loaded;
    try {
      loaded = this.#options.reload();
    } catch (error) {
      this.#log.error({ message: (error as Error).message }, 'reload refused; the old configuration stays');
      throw new CallRefused('bad-request', (error as Error).message);
    }
    const before = this.#config;
    const plan = planReload(before, loaded.config);
    this.#config = plan.config;
    if (loaded.config.users.length > 0) this.#keys.replaceConfigured(loaded.config.users);
    this.#log.level = plan.config.logLevel;
    const { logLevel, accessLog } = plan.config;
    await this.#refresh({ users: this.#keys.users, logLevel, accessLog, tls: plan.config.tlsCert !== undefined });
    if (plan.rolls.length > 0) {
      const { drainMs } = plan.config;
      const rolled = (await this.#workers.roll(drainMs)) && (await this.#pilot.roll(pilotDrainMs));
      if (!rolled) {
        this.#config = before;
        this.#log.error(
          { changed: plan.rolls },
          'no process starts with the new configuration; going back to the old one',
        );
        await Promise.all([this.#workers.roll(drainMs), this.#pilot.roll(pilotDrainMs)]);
        throw new CallRefused(
          'failed',
          'no process starts with the new configuration; the old one stays (see the log)',
        );
      }
    }
    this.#log.info({ changed: plan.rolls, needsRestart: plan.needsRestart }, 'reloaded');
    return plan.message;
  }
}
