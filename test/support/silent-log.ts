import type { Log } from '#plugin-api';

const nothing = (): void => {
  // Says nothing.
};

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
