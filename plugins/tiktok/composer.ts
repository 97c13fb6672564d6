import type {
  AccountAccess,
  ChannelView,
  Composer,
  Consent,
  DraftProblem,
  FileProblem,
  Json,
  LoadedOptions,
  MediaView,
  OptionColumn,
  PluginHost,
  Translate,
} from '#plugin-api';
import type { CreatorInfo } from './api/replies.ts';
import { optionColumns } from './columns.ts';
import { consentTo } from './consent.ts';
import { askCreator } from './creator.ts';
import type { CreatorParts } from './creator.ts';
import { captionLimit, isOfPhotos, mediaProblems } from './draft-rules.ts';
import { photoAddressProblems, photoAddressState } from './photo-address.ts';
import { photoDescriptionLimit } from './photo-rules.ts';
import {
  disclosureOf,
  interactions,
  optionFields,
  parseOptionFields,
  privacyLevels,
  readOptions,
} from './post-options.ts';
import type { Interaction, PostOptions } from './post-options.ts';
import { auditNote, auditOf } from './unaudited.ts';
import { clockLength } from './video-rules.ts';

type ComposerHost = Pick<PluginHost, 't' | 'settings' | 'mediaLinks'>;

interface Described {
  readonly label: string;
  readonly value: string;
}

/** TikTok's part of the compose form: exactly what it says of the profile at this moment, nothing chosen beforehand. */
export class TikTokComposer implements Composer {
  readonly view = 'tiktok/options';
  readonly rowView = 'tiktok/options-row';
  readonly scripts = ['options.js'];
  readonly captionLimit = captionLimit;
  readonly columns: readonly OptionColumn[];
  readonly #parts: CreatorParts;
  readonly #host: ComposerHost;
  readonly #t: Translate;

  constructor(parts: CreatorParts, host: ComposerHost) {
    this.#parts = parts;
    this.#host = host;
    this.#t = host.t;
    this.columns = optionColumns(host.t);
  }

  async load(channel: ChannelView, account: AccountAccess, media: readonly MediaView[] = []): Promise<LoadedOptions> {
    const reply = await askCreator(this.#parts, account);
    if (!reply.ok) throw this.#parts.errors.remoteError(reply);
    const creator = reply.value;
    const ofPhotos = isOfPhotos(media);
    const isAudited = await auditOf(this.#host.settings, channel.appKey);
    const limitSeconds = ofPhotos ? null : creator.maxDurationSeconds;
    return {
      kind: ofPhotos ? 'photos' : 'video',
      renamed: this.#renamed(channel, creator),
      auditNote: auditNote({ channel, creator, isAudited }, this.#t),
      privacyOptions: this.#privacyOptions(creator),
      interactions: this.#interactions(creator, ofPhotos),
      maxDuration: limitSeconds === null ? null : clockLength(limitSeconds * 1000),
      ...(ofPhotos ? { captionLimit: photoDescriptionLimit } : {}),
      mediaProblems: [
        ...(media.length === 0 ? [] : mediaProblems(media, creator, this.#t)),
        ...(ofPhotos ? await this.#photosClosed(channel) : []),
      ],
    };
  }

  fileProblems(media: readonly MediaView[], maxDuration: string | null): readonly FileProblem[] {
    const [, minutes, seconds] = /^(\d{1,4}):(\d\d)$/.exec(maxDuration ?? '') ?? [];
    const maxDurationSeconds = minutes === undefined ? null : Number(minutes) * 60 + Number(seconds);
    return media.length === 0 ? [] : mediaProblems(media, { maxDurationSeconds }, this.#t);
  }

  parse(fields: Readonly<Record<string, string>>): { options: Json } | { problems: readonly DraftProblem[] } {
    return parseOptionFields(fields, this.#t);
  }

  /** Photos have comments only, and no label for AI (docs: content-sharing-guidelines). */
  fitting(
    fields: Readonly<Record<string, string>>,
    media: readonly Pick<MediaView, 'kind'>[],
  ): Readonly<Record<string, string>> {
    if (!isOfPhotos(media)) return fields;
    const ofVideos: readonly string[] = ['allowDuet', 'allowStitch', 'aiGenerated'];
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !ofVideos.includes(name)));
  }

  fields(options: Json): Readonly<Record<string, string>> {
    const read = readOptions(options);
    return read === undefined ? {} : optionFields(read);
  }

  describe(options: Json): readonly Described[] {
    const read = readOptions(options);
    if (read === undefined) return [];
    const t = this.#t;
    const privacy = read.privacy === null ? t('tiktok:privacy.notChosen') : t(`tiktok:privacy.${read.privacy}`);
    return [
      { label: t('tiktok:privacy.label'), value: privacy },
      ...interactions.map((name) => this.#described(`tiktok:interactions.${name}`, read[name])),
      { label: t('tiktok-options:disclosure.disclose'), value: this.#disclosed(read) },
      this.#described('tiktok-options:aiGenerated', read.aiGenerated),
      ...(read.title === '' ? [] : [{ label: t('tiktok-options:photos.title'), value: read.title }]),
      ...(read.autoMusic ? [this.#described('tiktok-options:photos.autoMusic', true)] : []),
    ];
  }

  consent(options: readonly Json[]): Consent {
    return consentTo(options, this.#t);
  }

  #described(label: string, isOn: boolean): Described {
    return { label: this.#t(label), value: this.#t(isOn ? 'tiktok:interactions.yes' : 'tiktok:interactions.no') };
  }

  /** What was ticked, then the label that TikTok makes of it. */
  #disclosed(options: PostOptions): string {
    const t = this.#t;
    const disclosure = disclosureOf(options);
    if (disclosure === 'none' || disclosure === 'unsaid') return t('tiktok-options:disclosure.none');
    const ticked = (['yourBrand', 'brandedContent'] as const).filter((name) => options[name]);
    const names = ticked.map((name) => t(`tiktok-options:disclosure.${name}`)).join(', ');
    return `${names}: “${t(`tiktok-options:disclosure.${disclosure}.label`)}”`;
  }

  async #photosClosed({ appKey }: ChannelView): Promise<readonly FileProblem[]> {
    return photoAddressProblems(await photoAddressState(this.#host, appKey), this.#host);
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

  /** Photos have comments only (docs: content-sharing-guidelines). */
  #interactions(
    creator: CreatorInfo,
    ofPhotos: boolean,
  ): readonly { name: Interaction; label: string; offBecause: string | null }[] {
    const t = this.#t;
    const off: Readonly<Record<Interaction, string | null>> = {
      allowComment: creator.commentDisabled ? t('tiktok:interactions.commentOff') : null,
      allowDuet: creator.duetDisabled ? t('tiktok:interactions.duetOff') : null,
      allowStitch: creator.stitchDisabled ? t('tiktok:interactions.stitchOff') : null,
    };
    const shown = ofPhotos ? (['allowComment'] as const) : interactions;
    return shown.map((name) => ({ name, label: t(`tiktok:interactions.${name}`), offBecause: off[name] }));
  }
}
