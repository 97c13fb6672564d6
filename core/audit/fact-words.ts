import type { Translate } from '#plugin-api';
import { languageNames, readLanguage } from '../language/languages.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';

type Facts = Readonly<Record<string, unknown>>;

interface Recorded {
  readonly kind: string;
  readonly subject: string;
  readonly subjectId: string;
  readonly facts: Facts;
}

/** Facts that name something by its id, as people know it. What nobody knows any more is left out, and stays its id. */
export function factWords(registry: Pick<PluginRegistry, 'find'>, act: Recorded, t: Translate): Facts {
  if (act.subject === 'plugin') return ofNetwork(registry, act, t);
  const { facts } = act;
  if (act.kind === 'site.changed') return { fields: siteFields(String(facts['fields']), t) };
  const key = textOfSite(act);
  return key === undefined ? {} : { [key.fact]: t(key.text) };
}

function ofNetwork(registry: Pick<PluginRegistry, 'find'>, { subjectId, facts }: Recorded, t: Translate): Facts {
  const active = registry.find(subjectId);
  const labelOf = (name: 'set' | 'mode'): Facts => {
    const label = active?.plugin.settings.sets.find(({ id }) => id === facts[name])?.label;
    return label === undefined ? {} : { [name]: t(label) };
  };
  const step = active?.parts.goingLive?.steps.find(({ id }) => id === facts['step'])?.title;
  return { ...labelOf('set'), ...labelOf('mode'), ...(step === undefined ? {} : { step }) };
}

function textOfSite({ kind, facts }: Recorded): { readonly fact: string; readonly text: string } | undefined {
  const { page, kind: logo } = facts;
  if (kind === 'site.legal-saved' && (page === 'privacy' || page === 'terms'))
    return { fact: 'page', text: `frame:legal.${page}` };
  if (kind === 'site.logo-changed' && (logo === 'square' || logo === 'wide'))
    return { fact: 'kind', text: `identity:logo.${logo}.label` };
  return undefined;
}

const fieldTexts: ReadonlyMap<string, string> = new Map([
  ...['name', 'accent', 'language'].map((field) => [field, `identity:${field}.label`] as const),
  ['sender-name', 'identity:mail.name'],
  ['sender-address', 'identity:mail.address'],
  ['home-title', 'identity:home.heading'],
  ['home-text', 'identity:home.text'],
]);

/** As the form calls them, e.g. `name, home-title.th`. */
function siteFields(fields: string, t: Translate): string {
  return fields
    .split(', ')
    .map((field) => {
      const [name = '', code] = field.split('.');
      const text = fieldTexts.get(name);
      const language = readLanguage(code);
      return text === undefined ? field : t(text, language === undefined ? {} : { language: languageNames[language] });
    })
    .join(', ');
}
