import type { ErrorBookEntry, ErrorBookSection, Translate } from '#plugin-api';
import { isTriedByItself, type OwnCode } from './own-code.ts';
import { ownCodes } from './own-codes.ts';

/** The installation's own part of the error book. */
export function ownErrors(t: Translate): readonly ErrorBookEntry[] {
  return Object.entries(ownCodes).map(([code, own]) => ({ code, phrases: [], sections: [sectionOf(t, code, own)] }));
}

function sectionOf(t: Translate, code: string, own: OwnCode): ErrorBookSection {
  const { place, told, who, retry, you, admin = [] } = own;
  const steps = (keys: readonly string[]) => keys.map((key) => t(`errors:own.step.${key}`));
  return {
    place,
    where: t(`errors:own.where.${place}`),
    told: t(told, { network: t('errors:theNetwork') }),
    about: t(`errors:own.about.${code}`),
    who,
    retry: { isByItself: isTriedByItself[retry], text: t(`errors:own.retry.${retry}`) },
    you: steps(you),
    admin: steps(admin),
  };
}
