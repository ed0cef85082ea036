// The environment of child processes: they are told everything over the channel, so what it says to us (secrets too) is not for them
// to read again.

/** Disk syncs, catalog commits and reads share libuv's pool; its default of four is too few. */
const poolSize = '16';

export const childEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^(ECHOGATE|AWS)_/.test(name))),
  UV_THREADPOOL_SIZE: poolSize,
  // The SDK's version is pinned to one that runs on every Node we support; its announcement is for those who upgrade it.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});
