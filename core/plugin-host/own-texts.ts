import type { AppNotesShape, SettingsShape, Translate } from '#plugin-api';
import { loadTexts } from '../web/texts.ts';

interface OwnTexts {
  /** Looks them up in English. */
  readonly t: Translate;
  /** What the settings shape names and the texts lack; each complaint is a sentence. */
  readonly complaints: readonly string[];
}

/**
 * A plugin's own texts, held against its settings shape.
 * @param locales the plugin's folder of texts, if it brings one
 * @throws Error for a file that cannot be read
 */
export function readOwnTexts(settings: SettingsShape, locales: string | undefined): OwnTexts {
  const missing = new Set<string>();
  const texts = loadTexts({
    folders: locales === undefined ? [] : [locales],
    onMissing: (key) => void missing.add(key),
  });
  const t = texts.speech('en').t;
  const complaints = textsNamed(settings).flatMap(({ place, key }) => {
    t(key);
    return missing.has(key)
      ? [`settings.${place}: "${key}" is no key of the plugin's own texts. Add it to locales/en, as <file>:<key>.`]
      : [];
  });
  return { t, complaints };
}

interface NamedText {
  readonly place: string;
  readonly key: string;
}

/** Every text that the shape names; what a check answers is not known before something is typed. */
function textsNamed({ sets, fields }: SettingsShape): readonly NamedText[] {
  return [
    ...sets.flatMap(({ id, label, help, notes }) => [
      { place: `sets.${id}.label`, key: label },
      { place: `sets.${id}.help`, key: help },
      ...textsOfNotes(notes).map((key) => ({ place: `sets.${id}.notes`, key })),
    ]),
    ...fields.flatMap((field) => [
      { place: `fields.${field.id}.label`, key: field.label },
      ...(field.help === undefined ? [] : [{ place: `fields.${field.id}.help`, key: field.help }]),
      ...(field.kind === 'choices' ? field.choices : []).map(({ value, why }) => ({
        place: `fields.${field.id}.choices.${value}`,
        key: why,
      })),
    ]),
  ];
}

function textsOfNotes({ state, audit, testers }: AppNotesShape = {}): readonly string[] {
  return [
    ...[state, audit, testers].flatMap((one) => (one === undefined ? [] : [one.label, one.help])),
    ...(testers === undefined ? [] : [testers.noted]),
    ...Object.values(state?.states ?? {}),
    ...Object.values(state?.expect ?? {}),
  ];
}
