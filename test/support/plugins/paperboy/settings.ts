import type { SettingsShape } from '#plugin-api';

export const settings = {
  sets: [{ id: 'live', label: 'Live', help: 'The one paper there is.' }],
  modeEnvironment: 'PAPERBOY_MODE',
  defaultSet: 'live',
  appKeyField: 'agency',
  fields: [
    { kind: 'text', id: 'agency', label: 'Agency number', environment: 'PAPERBOY_AGENCY', required: true },
    { kind: 'secret', id: 'stamp', label: 'Stamp', environment: 'PAPERBOY_STAMP', required: true },
    { kind: 'callback', id: 'callback', label: 'Callback URL' },
  ],
  addresses: [{ id: 'api', environment: 'PAPERBOY_URL', byDefault: 'https://paperboy.example' }],
} as const satisfies SettingsShape;
