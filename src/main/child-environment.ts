// What the children's environment holds: all that is ours they are told over the channel instead, secrets too.

export const childEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !/^(ECHOGATE|AWS)_/.test(name))),
  // Disk syncs, catalog commits and reads share libuv's pool; its default of four is too few.
  UV_THREADPOOL_SIZE: '16',
  // The SDK's version is pinned to one that runs on every Node we support; its announcement is for those who upgrade it.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});
