import { z } from 'zod';
import type { ChannelPlugin } from '#plugin-api';

/** What is wrong with the value that a plugin's index exports as `plugin`; each complaint is a sentence. */
export function complaintsAboutPlugin(value: unknown, folderName: string): readonly string[] {
  if (value === undefined) return ['index exports no `plugin`.'];
  const checked = shape.safeParse(value);
  if (!checked.success) {
    return checked.error.issues.map((issue) => `${issue.path.join('.') || 'plugin'}: ${sentence(issue.message)}`);
  }
  const { id, settings } = checked.data;
  return [
    ...(id === folderName ? [] : [`id: "${id}" must be the name of its folder.`]),
    ...(reservedIds.has(id) ? [`id: "${id}" is the beginning of a table of the host. Choose another.`] : []),
    ...complaintsAboutSettings(settings),
  ];
}

/** What plugins do to each other: one id twice, one environment variable twice. */
export function complaintsAboutAll(plugins: readonly ChannelPlugin[]): readonly string[] {
  const ids = repeated(plugins.map(({ id }) => id)).map((id) => `${id}: two plugins have this id.`);
  const names = plugins.flatMap(({ settings }) => [...new Set(environmentNames(settings))]);
  return [...ids, ...repeated(names).map((name) => `${name}: two plugins read this environment variable.`)];
}

export function isPlugin(value: unknown): value is ChannelPlugin {
  return shape.safeParse(value).success;
}

/** `<id>_…` are the plugin's tables: these would be the host's. */
const reservedIds: ReadonlySet<string> = new Set([
  'call',
  'core',
  'going',
  'key',
  'migrations',
  'oauth',
  'one',
  'plugin',
  'post',
  'webhook',
]);
/** Of the host itself: a plugin that read them would see, or shadow, what is not its own. */
const hostVariables =
  /^(PUBLIC_URL|PORT|HOST|DATABASE_URL|DATA_DIR|APP_KEY|TRUST_PROXY|LOG_LEVEL|ADMIN_\w+|NODE_\w+|METRICS_TOKEN|SMTP_URL|MAIL_FROM)$/;

const text = z.string().min(1, 'must not be empty');
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,38}$/, 'must be a name of letters, digits and hyphens');
const variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'must be a name in capital letters')
  .refine((value) => !hostVariables.test(value), 'is a variable of the host');
const callable = z.custom((value) => typeof value === 'function', 'must be a function');

const field = z.object({
  kind: z.enum(['text', 'secret', 'callback', 'choices', 'confirmation']),
  id: name,
  label: text,
  help: text.optional(),
  environment: variable.optional(),
  check: callable.optional(),
  warn: callable.optional(),
  choices: z.array(z.object({ value: text, why: text, byDefault: z.boolean() })).optional(),
});

const noted = z.object({ label: text, help: text });
const notes = z.object({
  state: noted.extend({ states: z.record(z.string(), text) }).optional(),
  audit: noted.optional(),
  testers: noted.extend({ noted: text, most: z.number().int().positive(), check: callable.optional() }).optional(),
});

const settingsShape = z.object({
  sets: z
    .array(z.object({ id: name, label: text, help: text, notes: notes.optional() }))
    .min(1, 'must name at least one set'),
  modeEnvironment: variable,
  defaultSet: z.string(),
  appKeyField: z.string(),
  fields: z.array(field),
  addresses: z.array(z.object({ id: name, environment: variable, byDefault: z.url('must be an address') })),
});

const shape = z.object({
  apiVersion: z.literal(1, 'must be 1: this host speaks no other version of the contract'),
  id: z.string().regex(/^[a-z]{2,20}$/, 'must be 2 to 20 lower-case letters'),
  name: text,
  icon: z.string().regex(/^[a-z0-9-]+$/, 'must be the name of a Bootstrap icon'),
  settings: settingsShape,
  activate: callable,
});

type Settings = z.output<typeof settingsShape>;

function complaintsAboutSettings(settings: Settings): readonly string[] {
  const { sets, fields, addresses } = settings;
  const appKey = fields.find(({ id }) => id === settings.appKeyField);
  const named = (what: string, ids: readonly string[]) =>
    repeated(ids).map((id) => `settings.${what}: "${id}" is there twice.`);
  return [
    ...(sets.some(({ id }) => id === settings.defaultSet) ? [] : ['settings.defaultSet: names no set.']),
    ...(appKey?.kind === 'text' ? [] : ['settings.appKeyField: names no text field.']),
    ...fields
      .filter(({ kind, choices }) => (kind === 'choices') !== (choices !== undefined))
      .map(({ id }) => `settings.fields: "${id}" must have choices exactly when its kind is choices.`),
    ...named(
      'sets',
      sets.map(({ id }) => id),
    ),
    ...named(
      'fields',
      fields.map(({ id }) => id),
    ),
    ...named(
      'addresses',
      addresses.map(({ id }) => id),
    ),
    ...named('environment', environmentNames(settings)),
  ];
}

interface Named {
  readonly modeEnvironment: string;
  readonly fields: readonly { readonly environment?: string | undefined }[];
  readonly addresses: readonly { readonly environment: string }[];
}

function environmentNames({ modeEnvironment, fields, addresses }: Named): readonly string[] {
  const ofFields = fields.flatMap(({ environment }) => (environment === undefined ? [] : [environment]));
  return [modeEnvironment, ...ofFields, ...addresses.map(({ environment }) => environment)];
}

function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}
