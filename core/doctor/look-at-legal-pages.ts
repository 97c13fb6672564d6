import { parse } from 'node-html-parser';
import {
  type DoctorCheck,
  type DoctorLook,
  type Finding,
  findingsOf,
  type OwnAnswer,
  type Translate,
} from '#plugin-api';

export const legalOutcomes = {
  ok: { tone: 'ok' },
  placeholder: { tone: 'bad', who: 'admin', steps: 2 },
  status: { tone: 'bad', who: 'admin', steps: 2 },
  'not-linked': { tone: 'bad', who: 'admin', steps: 2 },
  unreachable: { tone: 'warn', who: 'admin', steps: 1 },
} as const;

const pages = [
  { id: 'privacy-policy', text: 'privacy', name: 'frame:legal.privacy' },
  { id: 'terms-of-service', text: 'terms', name: 'frame:legal.terms' },
] as const;

/** What the networks' reviewers read first: each page answers, says something of its own, and is linked from home. */
export function legalChecks(t: Translate): readonly DoctorCheck[] {
  return pages.map(({ id, text, name }) => ({
    id,
    label: t(name),
    run: (look) => lookAtPage(t, look, { path: `/${id}`, editPath: `/admin/site/legal/${text}`, name: t(name) }),
  }));
}

interface Page {
  readonly path: string;
  readonly editPath: string;
  readonly name: string;
}

async function lookAtPage(t: Translate, look: DoctorLook, page: Page): Promise<Finding> {
  const found = findingsOf(t, 'doctor:legal', legalOutcomes);
  const { path } = page;
  const values = { page: page.name, path };
  const links = [
    { label: t('doctor:legal.write'), href: page.editPath },
    { label: t('doctor:legal.see'), href: path },
  ];
  const [text, home] = await Promise.all([look.fetchOwn(path), look.fetchOwn('/')]);
  if (text.kind === 'none' || home.kind === 'none') return found('unreachable', { values });
  if (text.status !== 200) return found('status', { values: { ...values, status: text.status }, links });
  const isPlaceholder = rootOf(text).querySelector('[data-placeholder="true"]') !== null;
  if (isPlaceholder) return found('placeholder', { values, links });
  const isLinked = rootOf(home)
    .querySelectorAll('a[href]')
    .some((link) => link.getAttribute('href') === path);
  return found(isLinked ? 'ok' : 'not-linked', { values, links });
}

function rootOf({ body }: Extract<OwnAnswer, { kind: 'answer' }>) {
  return parse(Buffer.from(body).toString('utf8'));
}
