import type { OptionColumn, Translate } from '#plugin-api';
import { privacyLevels } from './post-options.ts';

/** Options that are on or off, by the names of their columns. */
const switches = {
  allow_comment: 'allowComment',
  allow_duet: 'allowDuet',
  allow_stitch: 'allowStitch',
  disclose: 'disclose',
  your_brand: 'yourBrand',
  branded_content: 'brandedContent',
  ai_generated: 'aiGenerated',
} as const;
const photoSwitch = ['auto_music', 'autoMusic'] as const;

const yes = ['yes', 'y', '1', 'true', 'on'];
const no = ['no', 'n', '0', 'false', 'off'];

/** Everything that a person can choose for TikTok, as columns of a table. */
export function optionColumns(t: Translate): readonly OptionColumn[] {
  const help = (name: string): string => t(`tiktok-columns:help.${name}`);
  const onOrOff = ([name, field]: readonly [string, string]): OptionColumn => ({
    ...{ name, field, help: help(name), example: 'no' },
    read: (cell) => readSwitch(cell, t),
  });
  return [
    {
      ...{ name: 'privacy', field: 'privacy', help: help('privacy'), example: t('tiktok:privacy.SELF_ONLY') },
      isChoice: true,
      words: privacyLevels.map((value) => ({ value, text: t(`tiktok:privacy.${value}`) })),
      read: (cell) => readPrivacy(cell, t),
    },
    ...Object.entries(switches).map(onOrOff),
    { name: 'title', field: 'title', help: help('title'), example: '', read: (cell) => ({ value: cell }) },
    onOrOff(photoSwitch),
  ];
}

/** TikTok's own name of a level. */
function readPrivacy(cell: string, t: Translate): ReturnType<OptionColumn['read']> {
  const typed = cell.trim().toLowerCase();
  const level = privacyLevels.find((one) => one.toLowerCase() === typed);
  if (level !== undefined) return { value: level };
  const words = privacyLevels.map((one) => t(`tiktok:privacy.${one}`)).join(', ');
  return { problem: t('tiktok-columns:noPrivacy', { cell, words }) };
}

function readSwitch(cell: string, t: Translate): ReturnType<OptionColumn['read']> {
  const typed = cell.trim().toLowerCase();
  if (yes.includes(typed)) return { value: '1' };
  return no.includes(typed) ? { value: '0' } : { problem: t('tiktok-columns:noSwitch', { cell }) };
}
