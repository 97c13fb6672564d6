import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { z } from 'zod';

export interface Look {
  readonly size: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** Every width with every colour scheme, each beside the one that has nothing in common with it. */
const looks: readonly (readonly [Look, Look])[] = [
  [
    { size: desk, colorScheme: 'light' },
    { size: phone, colorScheme: 'dark' },
  ],
  [
    { size: phone, colorScheme: 'light' },
    { size: desk, colorScheme: 'dark' },
  ],
  [
    { size: phone, colorScheme: 'dark' },
    { size: desk, colorScheme: 'light' },
  ],
  [
    { size: desk, colorScheme: 'dark' },
    { size: phone, colorScheme: 'light' },
  ],
];

/** Two looks without anything in common, in turns: over four numbers each look is the first once and the second once. */
export function looksInTurn(n: number): readonly [Look, Look] {
  const [first] = looks;
  if (first === undefined) throw new Error('There are no looks.');
  return looks[n % looks.length] ?? first;
}

export function nameOf({ size, colorScheme }: Look): string {
  return `${size.width}, ${colorScheme}`;
}

/** Whether axe stands in the page already: loading it costs as much as a check. */
interface Looking {
  readonly page: Page;
  readonly look: Look;
  readonly isFirst: boolean;
}

/** What is wrong with a page as it looks then: for assistive technology, wider than its window, words with holes. */
export async function complaintsAbout({ page, look, isFirst }: Looking): Promise<readonly string[]> {
  await page.setViewportSize(look.size);
  await page.emulateMedia({ colorScheme: look.colorScheme });
  const violations = isFirst ? await check(page) : await checkAgain(page);
  const found = violations.flatMap(({ id, impact, nodes }) => {
    if (impact !== 'serious' && impact !== 'critical') return [];
    const places = nodes.map(({ target, failureSummary = '' }) => `${target.join(' ')} (${failureSummary})`);
    return `${id}: ${places.join('; ')}`;
  });
  const { width, holes } = looked.parse(await page.evaluate(lookAtWords));
  if (width > look.size.width) found.push(`it is ${width} wide`);
  if (holes) found.push('it shows {{a value}} instead of one');
  return found.map((one) => `${new URL(page.url()).pathname} at ${nameOf(look)}: ${one}`);
}

const lookAtWords = `({ width: document.documentElement.scrollWidth, holes: document.body.innerText.includes('{{') })`;
const looked = z.object({ width: z.number(), holes: z.boolean() });

const options = { resultTypes: ['violations' as const] };

/** In one frame: nothing of the product is framed, and a second page for the result costs more than the check. */
async function check(page: Page): Promise<readonly Violation[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options(options);
  return parsed.parse((await axe.analyze()).violations);
}

/** With the axe that is in the page by now. */
async function checkAgain(page: Page): Promise<readonly Violation[]> {
  return parsed.parse(
    await page.evaluate(`axe.run(document, ${JSON.stringify(options)}).then((run) => run.violations)`),
  );
}

type Violation = z.output<typeof violation>;
const violation = z.object({
  id: z.string(),
  impact: z.string().nullish(),
  nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
});
const parsed = z.array(violation);
