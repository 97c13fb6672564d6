import type { Draft, DraftProblem, Translate } from '#plugin-api';
import type { Channel } from '../channels/channel-service.ts';
import type { CredentialService } from '../credentials/credential-service.ts';
import { askForPage } from '../limits/page-patience.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';

/** Asks a channel's network what the account allows now. @throws RemoteError */
export type CheckerOf = (channel: Channel) => Promise<DraftChecker>;

type DraftChecker = (draft: Draft) => Promise<readonly DraftProblem[]>;

interface Parts {
  readonly credentials: Pick<CredentialService, 'access'>;
  readonly plugins: PluginRegistry;
  readonly t: Translate;
}

/** For one post: whatever is asked is asked now. */
export function askAnew({ credentials, plugins, t }: Parts): CheckerOf {
  return async (channel) => {
    const { publisher } = plugins.get(channel.plugin).parts;
    const account = await credentials.access(channel.credentialId);
    if (publisher.checker === undefined) return (draft) => askForPage(t, () => publisher.check(draft, account));
    const ask = publisher.checker.bind(publisher);
    const check = await askForPage(t, () => ask(channel, account));
    return (draft) => Promise.resolve(check(draft));
  };
}

/** For many posts at once: each channel is asked one time, and its answer holds for all of them. */
export function askOnce(parts: Parts): CheckerOf {
  const asked = new Map<number, Promise<DraftChecker>>();
  const ask = askAnew(parts);
  return (channel) => {
    const known = asked.get(channel.id);
    if (known !== undefined) return known;
    const answer = ask(channel);
    asked.set(channel.id, answer);
    return answer;
  };
}
