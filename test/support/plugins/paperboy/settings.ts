import type { SettingsShape } from '#plugin-api';

export const settings = {
  sets: [{ id: 'live', label: 'paperboy:settings.live.label', help: 'paperboy:settings.live.help' }],
  modeEnvironment: 'PAPERBOY_MODE',
  defaultSet: 'live',
  appKeyField: 'agency',
  fields: [
    { kind: 'text', id: 'agency', label: 'paperboy:settings.agency', environment: 'PAPERBOY_AGENCY', required: true },
    { kind: 'secret', id: 'stamp', label: 'paperboy:settings.stamp', environment: 'PAPERBOY_STAMP', required: true },
    { kind: 'callback', id: 'callback', label: 'paperboy:settings.callback' },
  ],
  addresses: [{ id: 'api', environment: 'PAPERBOY_URL', byDefault: 'https://paperboy.example' }],
} as const satisfies SettingsShape;
