// Whose connection is it? Workers share one port; the kernel knows which process holds which socket. Linux only, as trials are.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Of this process's TCP connections (by local port): the process among `pids` that holds the other end. */
export function holdersOf(pids: readonly number[]): Map<number, number> {
  const remotePortOf = new Map<string, number>();
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [remote, inode] = [fields[2], fields[9]];
    if (remote !== undefined && inode !== undefined)
      remotePortOf.set(inode, Number.parseInt(remote.split(':')[1]!, 16));
  }
  const holders = new Map<number, number>();
  for (const pid of pids) {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const port = remotePortOf.get(socketOf(`/proc/${pid}/fd/${fd}`) ?? '');
      if (port !== undefined) holders.set(port, pid);
    }
  }
  return holders;
}

function socketOf(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined; // closed meanwhile
  }
}
