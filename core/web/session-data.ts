import type { FlashAct, FlashTone } from './route.ts';

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
    /** Set by the store on reading, never written: when the session was last seen (UTC ms). */
    seenAt?: number;
  }
}
