import type { FlashAct, FlashTone, PendingSignIn } from './route.ts';

interface FlashMessage {
  readonly tone: FlashTone;
  readonly text: string;
  readonly act?: FlashAct;
}

declare module 'express-session' {
  interface SessionData {
    /** Who is signed in. */
    userId?: number;
    /** What the person might do when the session last got its id: a change gives it a new one. */
    rights?: string;
    flash?: FlashMessage[];
    /** When the person signed in: a new id for the same person does not make the session younger. UTC ms. */
    signedInAt?: number;
    /** When the person gave the password last. UTC ms. */
    confirmedAt?: number;
    /** Nobody is signed in yet. */
    pending?: PendingSignIn;
    /** Where it was asked from last, and the browser it was begun with, as that names itself. */
    address?: string;
    agent?: string;
    /** An admin's record mode: which network's film, and until when. UTC ms. */
    recording?: { readonly plugin: string; readonly until: number };
    /** Set by the store on reading, never written: when the session was last seen (UTC ms). */
    seenAt?: number;
  }
}
