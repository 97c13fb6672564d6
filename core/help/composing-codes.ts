import type { OwnCode } from './own-code.ts';

const composing = { place: 'composing', retry: 'no' } as const;
const byYou = { ...composing, who: 'you' } as const;

/** What keeps a post from being scheduled, a row from being imported and a file from being taken. */
export const composingCodes: Readonly<Record<string, OwnCode>> = {
  caption_too_long: { ...byYou, told: 'errors:own.told.caption_too_long', you: ['shorten', 'ownCaption'] },
  option_not_offered: {
    ...byYou,
    told: 'errors:own.told.option_not_offered',
    you: ['chooseAnother', 'settingsAtNetwork'],
  },
  channel_paused: {
    ...composing,
    told: 'errors:own.told.channel_paused',
    who: 'team',
    you: ['resume', 'untick'],
  },
  media_gone: { ...byYou, told: 'posts:problem.mediaGone', you: ['uploadAgain', 'chooseFile'] },
  unknown_file: { ...byYou, told: 'errors:own.told.unknown_file', you: ['uploadFirst', 'sameName', 'importAgain'] },
  unknown_channel: {
    ...byYou,
    told: 'errors:own.told.unknown_channel',
    you: ['lookAtChannels', 'writeUsername', 'importAgain'],
  },
  table_unreadable: { ...byYou, told: 'errors:own.told.table_unreadable', you: ['template', 'saveUtf8'] },
  file_not_taken: { ...byYou, told: 'errors:own.told.file_not_taken', you: ['exportUsual', 'uploadAgain'] },
  no_room: {
    ...composing,
    told: 'uploads:noRoom',
    who: 'admin',
    you: ['askAdmin', 'smallerFile'],
    admin: ['makeRoom'],
  },
};
