import type { AccountAccess, ChannelView, Composer, Consent, DraftProblem, Json, Translate } from '#plugin-api';
import type { CreatorInfo } from './api/replies.ts';
import { askCreator } from './creator.ts';
import type { CreatorParts } from './creator.ts';
import { captionLimit, clockLength } from './draft-rules.ts';
import { interactions, optionFields, parseOptionFields, privacyLevels, readOptions } from './post-options.ts';
import type { Interaction } from './post-options.ts';

/** developers.tiktok.com/doc/content-sharing-guidelines prescribes the sentence and the address. */
const musicTerms = 'https://www.tiktok.com/legal/page/global/music-usage-confirmation/en';

/** TikTok's part of the compose form: exactly what it says of the profile at this moment, nothing chosen beforehand. */
export class TikTokComposer implements Composer {
  readonly view = 'tiktok/options';
  readonly captionLimit = captionLimit;
  readonly #parts: CreatorParts;
  readonly #t: Translate;

  constructor(parts: CreatorParts, t: Translate) {
    this.#parts = parts;
    this.#t = t;
  }

  async load(channel: ChannelView, account: AccountAccess): Promise<Readonly<Record<string, unknown>>> {
    const reply = await askCreator(this.#parts, account);
    if (!reply.ok) throw this.#parts.errors.remoteError(reply);
    const creator = reply.value;
    return {
      renamed: this.#renamed(channel, creator),
      privacyOptions: this.#privacyOptions(creator),
      interactions: this.#interactions(creator),
      maxDuration: creator.maxDurationSeconds === null ? null : clockLength(creator.maxDurationSeconds * 1000),
    };
  }

  parse(fields: Readonly<Record<string, string>>): { options: Json } | { problems: readonly DraftProblem[] } {
    return parseOptionFields(fields, this.#t);
  }

  fields(options: Json): Readonly<Record<string, string>> {
    const read = readOptions(options);
    return read === undefined ? {} : optionFields(read);
  }

  describe(options: Json): readonly { readonly label: string; readonly value: string }[] {
    const read = readOptions(options);
    if (read === undefined) return [];
    const t = this.#t;
    const privacy = read.privacy === null ? t('tiktok:privacy.notChosen') : t(`tiktok:privacy.${read.privacy}`);
    const switches = interactions.map((name) => ({
      label: t(`tiktok:interactions.${name}`),
      value: t(read[name] ? 'tiktok:interactions.yes' : 'tiktok:interactions.no'),
    }));
    return [{ label: t('tiktok:privacy.label'), value: privacy }, ...switches];
  }

  consent(): Consent {
    const before = this.#t('tiktok:consent.before');
    const music = this.#t('tiktok:consent.music');
    return {
      text: `${before}${music}`,
      parts: [{ text: before }, { text: music, href: musicTerms }],
      note: this.#t('tiktok:consent.note'),
    };
  }

  /** The host names the group as it knows the profile; a name changed since then is told. */
  #renamed(channel: ChannelView, { nickname, username }: CreatorInfo): string | null {
    if (nickname === '' || nickname === channel.nickname) return null;
    return this.#t('tiktok:composer.renamed', { nickname, username });
  }

  /** Exactly the list TikTok gave, in its order; a level that is new to us keeps TikTok's own name and cannot be chosen. */
  #privacyOptions(creator: CreatorInfo): readonly { value: string; label: string; disabled: boolean }[] {
    return creator.privacyOptions.map((value) => {
      const isKnown = privacyLevels.some((level) => level === value);
      return { value, label: isKnown ? this.#t(`tiktok:privacy.${value}`) : value, disabled: !isKnown };
    });
  }

  #interactions(creator: CreatorInfo): readonly { name: Interaction; label: string; offBecause: string | null }[] {
    const t = this.#t;
    const off: Readonly<Record<Interaction, string | null>> = {
      allowComment: creator.commentDisabled ? t('tiktok:interactions.commentOff') : null,
      allowDuet: creator.duetDisabled ? t('tiktok:interactions.duetOff') : null,
      allowStitch: creator.stitchDisabled ? t('tiktok:interactions.stitchOff') : null,
    };
    return interactions.map((name) => ({ name, label: t(`tiktok:interactions.${name}`), offBecause: off[name] }));
  }
}
