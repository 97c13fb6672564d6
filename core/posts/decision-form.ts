import type { ReadLink, Translate } from '#plugin-api';
import type { Channel, ChannelService } from '../channels/channel-service.ts';
import type { Decision } from '../deliveries/delivery.ts';
import { InputError } from '../errors.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';

export interface DecisionFormParts {
  readonly channels: Pick<ChannelService, 'view'>;
  readonly plugins: PluginRegistry;
}

interface TypedDecision {
  readonly kind: Decision['kind'];
  readonly channel: Channel;
  readonly body: Readonly<Record<string, string>>;
  readonly t: Translate;
}

const longestLink = 2_000;

/**
 * What a person decided, with what they typed for it: `link` for a post that they found, `confirmation` for one that is
 * not there. @throws InputError at that field
 */
export async function readDecision(parts: DecisionFormParts, typed: TypedDecision): Promise<Decision> {
  const { kind, body, t } = typed;
  switch (kind) {
    case 'posted': {
      const read = await readLink(parts, typed, (body['link'] ?? '').trim());
      if ('problem' in read) throw new InputError([{ field: 'link', message: read.problem }]);
      return { kind, ...read };
    }
    case 'not-posted': {
      const word = t('posts:decide.notPosted.word');
      if ((body['confirmation'] ?? '').trim().toLowerCase() === word.toLowerCase()) return { kind };
      throw new InputError([{ field: 'confirmation', message: t('posts:decide.notPosted.problem', { word }) }]);
    }
    case 'check-again':
    case 'drop':
      return { kind };
  }
}

type Link = { readonly remoteId: string | null; readonly url: string } | Extract<ReadLink, { problem: string }>;

/** The network's plugin knows its own addresses; without its help any https address is taken. */
async function readLink(
  { channels, plugins }: DecisionFormParts,
  { channel, t }: TypedDecision,
  typed: string,
): Promise<Link> {
  const publisher = plugins.find(channel.plugin)?.parts.publisher;
  if (typed === '') return { problem: t('posts:decide.posted.empty') };
  if (publisher?.readLink !== undefined && typed.length <= longestLink) {
    return publisher.readLink(typed, await channels.view(channel));
  }
  const isLink = typed.length <= longestLink && URL.canParse(typed) && new URL(typed).protocol === 'https:';
  return isLink ? { remoteId: null, url: new URL(typed).href } : { problem: t('posts:decide.posted.noLink') };
}
