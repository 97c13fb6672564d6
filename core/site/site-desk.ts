import { createHash } from 'node:crypto';
import type { Clock, Translate } from '#plugin-api';
import { isMailAddress } from '../config/mail-settings.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { type FieldProblem, InputError } from '../errors.ts';
import type { EventLog } from '../events/event-log.ts';
import { languages, readLanguage } from '../language/languages.ts';
import { defaultAccent } from '../web/accent.ts';
import type { LogoKind } from '../web/brand.ts';
import { type Identity, logoField } from './identity.ts';
import { IdentityStore } from './identity-store.ts';
import { makeLogo } from './make-logo.ts';

/** Fields of the form: `name`, `accent`, `language`, `sender-name`, `sender-address`, `home-title.en`, `home-text.en` … */
export type IdentityForm = ReadonlyMap<string, string>;

/** The variable that settles a field, where one does. */
type SetBy = ReadonlyMap<string, string>;

export interface SiteDesk {
  readonly form: () => IdentityForm;
  readonly setBy: SetBy;
  /** @throws InputError with every problem at its field */
  save(typed: IdentityForm, by: number): Promise<void>;
  /** @param file a PNG, JPEG or WebP @throws InputError at `file` */
  saveLogo(kind: LogoKind, file: string, by: number): Promise<void>;
  removeLogo(kind: LogoKind, by: number): Promise<void>;
  /** The DNS record that was asked about last. */
  keepRecord(record: { readonly domain: string; readonly value: string }, by: number): Promise<void>;
}

interface DeskDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly t: Translate;
  readonly events: EventLog;
  readonly identity: Identity;
  readonly config: Pick<Config, 'isLanguageSet' | 'language' | 'mail'>;
}

const homeFields = languages.flatMap((language) => [`home-title.${language}`, `home-text.${language}`]);
const fields = ['name', 'accent', 'language', 'sender-name', 'sender-address', ...homeFields];

export function createSiteDesk(deps: DeskDeps): SiteDesk {
  const { identity, config } = deps;
  const store = new IdentityStore(deps.db);
  const setBy = settledFields(config);
  const saveLogo = async (kind: LogoKind, content: Buffer | undefined, by: number): Promise<void> => {
    const hash = content === undefined ? '' : createHash('sha256').update(content).digest('hex');
    await change(deps, { by, kind: 'site.logo-changed', facts: { kind } }, async (sql, how) => {
      await store.putPicture({ kind, hash, content }, how, sql);
      await store.put(new Map([[logoField(kind), hash]]), how, sql);
    });
  };
  return {
    form: () => new Map(fields.map((field) => [field, valueOf(deps, field)])),
    setBy,
    save: async (typed, by) => {
      const values = new Map(
        fields.filter((field) => !setBy.has(field)).map((one) => [one, tidy(typed.get(one) ?? '')]),
      );
      refuse(deps.t, values);
      if (values.get('accent')?.toLowerCase() === defaultAccent) values.set('accent', '');
      const changed = [...values].filter(([field, value]) => value !== identity.stored(field));
      if (changed.length === 0) return;
      const facts = { fields: changed.map(([field]) => field).join(', ') };
      await change(deps, { by, kind: 'site.changed', facts }, (sql, how) => store.put(new Map(changed), how, sql));
    },
    saveLogo: async (kind, file, by) => saveLogo(kind, await makeLogo(deps.t, file, kind), by),
    removeLogo: (kind, by) => saveLogo(kind, undefined, by),
    keepRecord: async ({ domain, value }, by) => {
      const values = new Map([
        ['dns.domain', domain],
        ['dns.value', value],
      ]);
      const how = { by, at: deps.clock.now() };
      await deps.db.transaction((sql) => store.put(values, how, sql));
      await identity.reload();
    },
  };
}

type Work = (sql: Parameters<IdentityStore['put']>[2], how: Parameters<IdentityStore['put']>[1]) => Promise<void>;

interface Act {
  readonly by: number;
  readonly kind: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** The change with its record; this process knows it at once, the others with their next page a second later. */
async function change({ db, clock, events, identity }: DeskDeps, { by, kind, facts }: Act, work: Work): Promise<void> {
  await db.transaction(async (sql) => {
    await work(sql, { by, at: clock.now() });
    await events.record({ teamId: null, actorId: by, subject: 'site', subjectId: 'site', kind, facts }, sql);
  });
  await identity.reload();
}

function settledFields({ isLanguageSet, mail }: DeskDeps['config']): SetBy {
  const isSenderSet = mail?.from !== undefined;
  return new Map([
    ...(isLanguageSet ? [['language', 'LANGUAGE'] as const] : []),
    ...(isSenderSet
      ? ([
          ['sender-name', 'MAIL_FROM'],
          ['sender-address', 'MAIL_FROM'],
        ] as const)
      : []),
  ]);
}

/** What the form shows: the environment's word where that settles it, the standing one where a field must not be empty. */
function valueOf({ identity, config }: DeskDeps, field: string): string {
  if (field === 'name') return identity.name();
  if (field === 'accent') return identity.accent();
  if (field === 'language') return identity.language();
  if (field === 'sender-name' && config.mail?.from !== undefined) return config.mail.from.name;
  if (field === 'sender-address' && config.mail?.from !== undefined) return config.mail.from.address;
  return identity.stored(field);
}

function tidy(typed: string): string {
  return typed.replaceAll('\r\n', '\n').trim();
}

const longest = { name: 60, 'sender-name': 60, 'home-title': 90, 'home-text': 600 } as const;

/** @throws InputError */
function refuse(t: Translate, values: IdentityForm): void {
  const problems: FieldProblem[] = [];
  const complain = (field: string, reason: string, count = 0) =>
    problems.push({ field, message: t(`identity:fault.${reason}`, { count }) });
  if (values.get('name') === '') complain('name', 'name');
  if (!/^#[0-9a-f]{6}$/i.test(values.get('accent') ?? '')) complain('accent', 'accent');
  const language = values.get('language');
  if (language !== undefined && readLanguage(language) === undefined) complain('language', 'language');
  const address = values.get('sender-address') ?? '';
  if (address !== '' && !isMailAddress(address)) complain('sender-address', 'address');
  for (const [field, value] of values) {
    const [kind = ''] = field.split('.');
    const most = Object.entries(longest).find(([name]) => name === kind)?.[1];
    if (most !== undefined && Array.from(value).length > most) complain(field, 'long', most);
    if (kind !== 'home-text' && /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) complain(field, 'line');
  }
  if (problems.length > 0) throw new InputError(problems);
}
