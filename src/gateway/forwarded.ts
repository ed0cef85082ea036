// Requests that come through a proxy of the operator's: which peers are believed, and what a proxy may have rewritten.
// Signatures cover Host and sometimes Accept-Encoding; proxies change both, so for trusted peers a few originals are tried.
import { BlockList, isIP } from 'node:net';

/** Judges a socket's remote address. `list`: addresses, CIDR blocks (`10.0.0.0/8`), or `loopback`. */
export function createProxyTrust(list: readonly string[]): (remoteAddress: string | undefined) => boolean {
  const trusted = new BlockList();
  for (const entry of list.flatMap((one) => (one === 'loopback' ? ['127.0.0.0/8', '::1'] : [one]))) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (remoteAddress) => {
    if (!remoteAddress || list.length === 0) return false;
    const address = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
    return trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  };
}

type HeaderValue = string | readonly string[] | undefined;
const first = (value: HeaderValue): string | undefined => {
  const text = typeof value === 'string' ? value : (value?.[0] ?? '');
  const comma = text.indexOf(',');
  return (comma < 0 ? text : text.slice(0, comma)).trim() || undefined;
};

/** The host that the client asked for: X-Forwarded-Host when the peer is trusted, else Host. */
export const clientHost = (
  headers: Readonly<Record<string, HeaderValue>>,
  fromTrustedProxy: boolean,
): string | undefined => (fromTrustedProxy ? first(headers['x-forwarded-host']) : undefined) ?? first(headers.host);

/** Hosts that the client may have signed, likeliest first. The default port is sometimes signed and not sent, or sent and not signed. */
export function hostCandidates(headers: ReadonlyMap<string, string>, fromTrustedProxy: boolean): string[] {
  const received = headers.get('host') ?? '';
  const hosts = [received];
  if (fromTrustedProxy) {
    const forwarded = first(headers.get('x-forwarded-host'));
    if (forwarded) hosts.unshift(forwarded);
    const port = first(headers.get('x-forwarded-port'));
    if (port && /^\d{1,5}$/.test(port))
      hosts.push(...hosts.filter((host) => !/:\d+$/.test(host)).map((host) => `${host}:${port}`));
  }
  hosts.push(...hosts.filter((host) => /:(80|443)$/.test(host)).map((host) => host.replace(/:\d+$/, '')));
  return [...new Set(hosts)];
}

/** Values of Accept-Encoding that clients are known to sign, tried when a trusted proxy stands between. It changes nothing in our answers. */
export function acceptEncodingCandidates(headers: ReadonlyMap<string, string>, fromTrustedProxy: boolean): string[] {
  const received = headers.get('accept-encoding') ?? '';
  if (!fromTrustedProxy) return [received];
  return [...new Set([received, 'identity', 'gzip', 'gzip, deflate', 'gzip, deflate, br', ''])];
}
