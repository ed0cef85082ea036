// Which calls of the admin API are the pilot's; all others any worker answers.
const pilots = /^(map|forecast)$|^(pilot|plans|journal|map|partitions)\./;

export const isPilotCall = (method: string): boolean => pilots.test(method);

export const whyNotReady = (method: string): string =>
  isPilotCall(method)
    ? 'the pilot is being started; try again in a second'
    : 'no worker is ready; try again in a second';
