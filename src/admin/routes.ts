// The JSON API as a table: method and path → name of the call and its parameters from the path.

export interface Route {
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
}

const table: readonly (readonly [verb: string, path: string, method: string])[] = [
  ['GET', '/v1/status', 'status'],
  ['POST', '/v1/reload', 'reload'],
  ['GET', '/v1/buckets', 'buckets.list'],
  ['POST', '/v1/buckets', 'buckets.create'],
  ['DELETE', '/v1/buckets/:bucket', 'buckets.remove'],
  ['GET', '/v1/keys', 'keys.list'],
  ['POST', '/v1/keys', 'keys.create'],
  ['DELETE', '/v1/keys/:accessKey', 'keys.remove'],
  ['GET', '/v1/info', 'info'],
  ['GET', '/v1/census', 'census'],
  ...(['jobs', 'hints', 'calendars'] as const).flatMap(
    (kind) =>
      [
        ['GET', `/v1/${kind}`, `${kind}.list`],
        ['POST', `/v1/${kind}`, `${kind}.add`],
        ['DELETE', `/v1/${kind}/:name`, `${kind}.remove`],
      ] as const,
  ),
  ['GET', '/v1/echoes', 'echoes.list'],
  ['POST', '/v1/echoes/pin', 'echoes.pin'],
  ['POST', '/v1/echoes/drop', 'echoes.drop'],
  ['GET', '/v1/echoes/explain', 'echoes.explain'],
  ['GET', '/v1/partitions', 'partitions.list'],
  ['POST', '/v1/partitions', 'partitions.add'],
  ['POST', '/v1/partitions/:name/drain', 'partitions.drain'],
  ['POST', '/v1/partitions/:name/retire', 'partitions.retire'],
  ['GET', '/v1/map', 'map'],
  ['GET', '/v1/map/area', 'map.area'],
  ['GET', '/v1/map/object', 'blocks.map'],
  ['GET', '/v1/pilot', 'pilot.status'],
  ['POST', '/v1/pilot/pause', 'pilot.pause'],
  ['POST', '/v1/pilot/resume', 'pilot.resume'],
  ['POST', '/v1/plans', 'plans.make'],
  ['POST', '/v1/plans/:id/apply', 'plans.apply'],
  ['GET', '/v1/journal', 'journal.list'],
  ['GET', '/v1/journal/:id', 'journal.show'],
  ['GET', '/v1/forecast', 'forecast'],
];

export function findRoute(verb: string, path: string): Route | 'other-method' | undefined {
  let known = false;
  for (const [wanted, pattern, method] of table) {
    const params = matchPath(pattern, path);
    if (params === undefined) continue;
    if (wanted === verb) return { method, params };
    known = true;
  }
  return known ? 'other-method' : undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, step] of wanted.entries()) {
    const value = given[at] ?? '';
    if (!step.startsWith(':')) {
      if (step !== value) return undefined;
      continue;
    }
    try {
      params[step.slice(1)] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return params;
}
