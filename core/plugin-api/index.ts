// The public contract: all of the host that a plugin may import.
export * from './csv.ts';
export * from './json.ts';
export * from './errors.ts';
export type * from './error-book.ts';
export * from './doctor.ts';
export * from './settings.ts';
export type * from './channel-check.ts';
export type * from './channels.ts';
export type * from './going-live.ts';
export type * from './overview.ts';
export type * from './publishing.ts';
export type * from './privacy-facts.ts';
export type * from './site-verification.ts';
export type * from './plugin.ts';
