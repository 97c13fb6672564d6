import { z } from 'zod';
import { seededBytes } from './ids.ts';
import { leftIn, type Loose } from './loose.ts';

const count = z.number().int().min(0);

export const accountShape = z.strictObject({
  username: z.string().regex(/^[a-z0-9._]{2,24}$/),
  nickname: z.string().min(1),
  bio_description: z.string(),
  /** Which picture: another word is another one. */
  avatar: z.string().regex(/^[a-z0-9]{0,20}$/),
  is_verified: z.boolean(),
  private: z.boolean(),
  comment_disabled: z.boolean(),
  duet_disabled: z.boolean(),
  stitch_disabled: z.boolean(),
  max_video_post_duration_sec: count,
  follower_count: count,
  following_count: count,
  likes_count: count,
  /** How many videos of its past the account has; posts made here come on top. */
  videos: count,
  /** Ids of videos that were deleted or made private: no list and no query shows them. */
  hidden_videos: z.array(z.string()),
  banned: z.boolean(),
  daily_cap_reached: z.boolean(),
  active_user_cap_reached: z.boolean(),
  daily_post_cap: count,
});

type AccountDetails = z.infer<typeof accountShape>;
/** `new_username` renames; the account stays the same person with the same open_id. */
export type AccountInput = Loose<AccountDetails> & {
  readonly username: string;
  readonly new_username?: string | undefined;
};

export interface Account extends AccountDetails {
  /** Never changes, whatever the owner renames. */
  readonly id: string;
}

const newAccount: Omit<AccountDetails, 'username'> = {
  nickname: 'Somebody',
  bio_description: '',
  avatar: '',
  is_verified: false,
  private: false,
  comment_disabled: false,
  duet_disabled: false,
  stitch_disabled: false,
  max_video_post_duration_sec: 600,
  follower_count: 0,
  following_count: 0,
  likes_count: 0,
  videos: 0,
  hidden_videos: [],
  banned: false,
  daily_cap_reached: false,
  active_user_cap_reached: false,
  daily_post_cap: 15,
};

export class Accounts {
  readonly #initial: readonly AccountInput[];
  #accounts: Account[] = [];

  constructor(initial: readonly AccountInput[]) {
    this.#initial = initial;
    this.reset();
  }

  reset(): void {
    this.#accounts = [];
    for (const account of this.#initial) this.put(account);
  }

  put(input: AccountInput): Account {
    const { new_username: newName, ...patch } = input;
    const known = this.named(input.username);
    const { id, ...before } = known ?? { id: idOf(input.username), ...newAccount };
    const details = accountShape.parse({ ...before, ...leftIn(patch), username: newName ?? input.username });
    const account = { ...details, id };
    this.#accounts = known
      ? this.#accounts.map((one) => (one.id === id ? account : one))
      : [...this.#accounts, account];
    return account;
  }

  named(username: string): Account | undefined {
    return this.#accounts.find((account) => account.username === username);
  }

  /** For an id that is known to exist because a token or a post points at it. */
  get(id: string): Account {
    const account = this.#accounts.find((one) => one.id === id);
    if (account === undefined) throw new Error(`The simulator has no account ${id}.`);
    return account;
  }

  all(): readonly Account[] {
    return this.#accounts;
  }
}

/** Different for every app (login-kit-web). */
export function openId(clientKey: string, account: Account): string {
  return `-000${seededBytes(`open ${clientKey} ${account.id}`).toString('base64url').slice(0, 32)}`;
}

/** Equal for all apps of one developer; all apps here are one developer's. */
export function unionId(account: Account): string {
  return seededBytes(`union ${account.id}`).toString('hex').slice(0, 36);
}

function idOf(username: string): string {
  return `69${seededBytes(`account ${username}`).readBigUInt64BE(0).toString().padStart(17, '0').slice(0, 17)}`;
}

/** The picture of the account, as its addresses name it. */
export function pictureOf({ id, avatar }: Account): string {
  return avatar === '' ? id : `${id}-${avatar}`;
}
