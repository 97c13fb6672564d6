import { z } from 'zod';
import type { PluginParts } from '#plugin-api';
import { isLoopbackHost } from '../config/public-url.ts';

/** What is wrong with what a plugin's `activate` returned. */
export function complaintsAboutParts(parts: PluginParts): readonly string[] {
  const checked = partsShape.safeParse(parts);
  if (checked.success) return [];
  return checked.error.issues.map((issue) => `${issue.path.join('.') || 'activate()'}: ${issue.message}.`);
}

const callable = z.custom((value) => typeof value === 'function', 'must be a function');
const view = z.string().regex(/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)*$/, 'must be the name of a view');
const origin = z.string().refine(isOrigin, 'must be an https origin such as https://www.example.com');

const job = z.object({
  kind: z.string().regex(/^[a-z][a-z-]{0,30}$/, 'must be a name of lower-case letters and hyphens'),
  everyMs: z.number().min(60_000, 'must not be under a minute').optional(),
  run: callable,
});

const channelRoute = z.object({
  method: z.enum(['get', 'post']),
  path: z
    .string()
    // A file that is made while it is sent has its ending: `videos.csv`.
    .regex(
      /^(:?[a-z][a-zA-Z0-9-]*\/)*(:?[a-z][a-zA-Z0-9-]*|[a-z][a-z0-9-]*\.[a-z]+)$/,
      'must be a path without a slash in front',
    ),
  permission: z.enum(['team.see', 'posts.edit', 'channels.connect', 'channels.manage']),
  handle: callable,
});

const text = z.string().min(1, 'must not be empty');

const errorBook = z.object({
  entries: z.array(
    z.object({
      code: text,
      phrases: z.array(text),
      sections: z
        .array(
          z.object({
            place: z.string().regex(/^[a-z][a-z-]*$/, 'must be a name of lower-case letters and hyphens'),
            where: text,
            told: text,
            about: text,
            who: z.enum(['you', 'team', 'admin', 'network', 'software']),
            retry: z.object({ isByItself: z.boolean(), text }),
            you: z.array(text),
            admin: z.array(text),
            headings: z.object({ you: text, admin: text }).optional(),
          }),
        )
        .min(1, 'must say where the code comes up'),
    }),
  ),
  portal: z.object({ label: text, href: z.url('must be an address') }).optional(),
});

const doctorCheck = z.object({
  id: z
    .string()
    .regex(/^[a-z][a-z-]{0,30}$/, 'must be a name of lower-case letters and hyphens')
    .refine((id) => id !== 'tokens', 'is the name of a check of the host'),
  label: z.string().min(1, 'must not be empty'),
  run: callable,
});

const goingLive = z.object({
  sets: z.object({ reviewed: text, trial: text }),
  icon: z.object({ side: z.int().positive(), mostBytes: z.int().positive(), types: z.array(text) }).optional(),
  steps: z.array(
    z.object({
      id: text.regex(/^[a-z][a-z-]{0,38}$/, 'must be a name of lower-case letters and hyphens'),
      title: text,
      about: text,
      todo: z.array(text),
      checks: z.array(z.object({ id: text, look: callable })),
      byHand: text.optional(),
      copies: callable.optional(),
      isNeeded: callable.optional(),
    }),
  ),
  explanations: callable,
  scenes: callable,
  filmRules: z.array(text),
  refusals: z.array(z.object({ id: text, signs: z.array(text), title: text, about: text, steps: z.array(text) })),
  portal: z.object({ label: text, href: z.url('must be an address') }),
});

const partsShape = z.object({
  connector: z.object({
    strategy: callable,
    readAccount: callable,
    refresh: callable,
    revoke: callable.optional(),
    confirm: callable.optional(),
    explain: callable,
    missingScopes: callable,
  }),
  publisher: z.object({
    check: callable,
    advance: callable,
    findLink: callable.optional(),
    readLink: callable.optional(),
    caps: callable.optional(),
  }),
  composer: z.object({
    view,
    load: callable,
    parse: callable,
    fields: callable,
    describe: callable,
    consent: callable,
  }),
  connectionTest: z.object({ run: callable }),
  doctor: z.object({ checks: z.array(doctorCheck) }).optional(),
  channelPage: z
    .object({
      view,
      about: callable.optional(),
      load: callable,
      ofPublished: callable.optional(),
    })
    .optional(),
  channelOverviews: z.object({ load: callable, best: callable, find: callable, latest: callable }).optional(),
  channelCheck: z.object({ run: callable, explains: z.array(z.string()) }).optional(),
  channelRoutes: z.array(channelRoute).optional(),
  webhooks: z.object({ receive: callable }).optional(),
  jobs: z.array(job).optional(),
  errorBook: errorBook.optional(),
  siteVerification: z.object({ where: text, exampleName: text, lookAt: callable, txtValue: callable }).optional(),
  goingLive: goingLive.optional(),
  privacyFacts: z.object({ stored: callable, revoke: callable }).optional(),
  connected: callable.optional(),
  origins: z.object({ formAction: z.array(origin).optional(), frame: z.array(origin).optional() }).optional(),
  close: callable.optional(),
});

/** Anything else would end the Content-Security-Policy's directive, or widen it. */
function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return url.origin === value && (url.protocol === 'https:' || isLoopbackHost(url.hostname));
}
