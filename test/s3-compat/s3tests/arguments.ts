// The command line of `npm run compat:s3tests`.
import { parseArgs } from 'node:util';

export interface Arguments {
  readonly suite: string;
  readonly tls: boolean;
  readonly set: SetName;
  readonly json: string | undefined;
  /** Run only cases whose name contains this; nothing is judged then. */
  readonly only: string | undefined;
  /** Rewrite the lists from this run: what passed moves to pass, what failed to planned. */
  readonly update: boolean;
}

export type SetName = 't0' | 't1' | 'iam' | 'sts' | 'select' | 'sns';

export interface SuiteSet {
  readonly files: readonly string[];
  readonly marks?: string;
  readonly deselect?: readonly string[];
}

const core = ['test_s3.py', 'test_headers.py'];
const notPortable = 'not bucket_logging and not cloud_transition and not cloud_restore';

/** What each set collects from the suite at 8f0ae7b: t0 645 cases, t1 109 (the plain-S3 part of those marked fails_on_aws). */
export const sets: Readonly<Record<SetName, SuiteSet>> = {
  t0: { files: core, marks: `not fails_on_aws and ${notPortable}` },
  t1: {
    files: core,
    marks: `fails_on_aws and not fails_on_rgw and ${notPortable}`,
    deselect: [
      'test_account_usage',
      'test_bucket_usage',
      'test_head_bucket_usage',
      'test_bucket_list_unordered',
      'test_bucket_listv2_unordered',
    ],
  },
  iam: { files: ['test_iam.py'] },
  sts: { files: ['test_sts.py'] },
  select: { files: ['test_s3select.py'] },
  sns: { files: ['test_sns.py'] },
};

export const usage = `npm run compat:s3tests -- --suite <checkout of ceph/s3-tests> [--tls] [--set t0|t1|iam|sts|select|sns]
                          [--json FILE] [--only NAME] [--update]`;

export function readArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      suite: { type: 'string' },
      tls: { type: 'boolean', default: false },
      set: { type: 'string', default: 't0' },
      json: { type: 'string' },
      only: { type: 'string' },
      update: { type: 'boolean', default: false },
    },
  });
  if (values.suite === undefined) throw new Error(`--suite is missing\n${usage}`);
  if (!Object.hasOwn(sets, values.set))
    throw new Error(`--set ${values.set}: not one of ${Object.keys(sets).join(', ')}`);
  return {
    suite: values.suite,
    tls: values.tls,
    set: values.set as SetName,
    json: values.json,
    only: values.only,
    update: values.update,
  };
}
