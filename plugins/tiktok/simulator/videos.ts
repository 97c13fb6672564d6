import type { Account } from './accounts.ts';
import { postId, seededBytes, seededNumber } from './ids.ts';

/** A public video of an account. `createdAt` is UTC ms and unique within the account. */
export interface Video {
  readonly id: string;
  readonly createdAt: number;
  readonly caption: string;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly isAigc: boolean;
}

export interface VideoPage {
  readonly videos: readonly Video[];
  /** UTC ms: the next page begins before it. */
  readonly cursor: number;
  readonly hasMore: boolean;
}

const HOUR_MS = 3_600_000;
const LONGEST_PAST_MS = 5 * 365 * 24 * HOUR_MS;

/** The videos of every account: an invented past, and on top what was posted here. Newest first. */
export class Videos {
  /** Where the invented past ends. */
  readonly #epoch: number;
  readonly #pasts = new Map<string, readonly Video[]>();
  readonly #posted = new Map<string, Video[]>();

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  clear(): void {
    this.#posted.clear();
  }

  add(account: Account, video: Video): void {
    const posted = this.#posted.get(account.id) ?? [];
    const taken = new Set(posted.map((one) => one.createdAt));
    let { createdAt } = video;
    while (taken.has(createdAt)) createdAt += 1;
    posted.push({ ...video, createdAt });
    posted.sort((a, b) => b.createdAt - a.createdAt);
    this.#posted.set(account.id, posted);
  }

  page(account: Account, before: number | undefined, limit: number): VideoPage {
    const all = this.#all(account);
    const start = before === undefined ? 0 : firstBefore(all, before);
    const videos = all.slice(start, start + limit);
    return { videos, cursor: videos.at(-1)?.createdAt ?? before ?? 0, hasMore: start + videos.length < all.length };
  }

  query(account: Account, ids: readonly string[]): readonly Video[] {
    const wanted = new Set(ids);
    return this.#all(account).filter((video) => wanted.has(video.id));
  }

  count(account: Account): number {
    return account.videos + (this.#posted.get(account.id)?.length ?? 0) - account.hidden_videos.length;
  }

  #all(account: Account): readonly Video[] {
    const posted = this.#posted.get(account.id) ?? [];
    const past = this.#past(account);
    const all = posted.length === 0 ? past : [...posted, ...past];
    if (account.hidden_videos.length === 0) return all;
    const hidden = new Set(account.hidden_videos);
    return all.filter(({ id }) => !hidden.has(id));
  }

  #past(account: Account): readonly Video[] {
    const key = `${account.id} ${account.videos}`;
    const known = this.#pasts.get(key);
    if (known !== undefined) return known;
    const made = inventPast(account, this.#epoch);
    this.#pasts.set(key, made);
    return made;
  }
}

/** Numbers that grow with a video's age and never fall. */
export function statsOf(video: Video, now: number): { views: number; likes: number; comments: number; shares: number } {
  const inTheEnd = 180 + seededNumber(`reach ${video.id}`, 400) ** 2;
  const days = Math.max(0, now - video.createdAt) / (24 * HOUR_MS);
  const views = Math.floor((inTheEnd * days) / (days + 2));
  const likes = Math.floor((views * (4 + seededNumber(`liked ${video.id}`, 11))) / 100);
  return { views, likes, comments: Math.floor(likes / 34), shares: Math.floor(likes / 21) };
}

function inventPast(account: Account, epoch: number): readonly Video[] {
  // Between a quarter and seven quarters of this: about two posts in three days, more often where the past would not fit.
  const pause = Math.min(39 * HOUR_MS, LONGEST_PAST_MS / Math.max(1, account.videos));
  const videos: Video[] = [];
  let createdAt = epoch - 5 * HOUR_MS;
  for (let n = account.videos; n > 0; n -= 1) {
    const seed = `${account.id} ${n}`;
    const dice = seededBytes(seed);
    const isWide = dice.readUInt16BE(0) % 9 === 0;
    videos.push({
      id: postId(createdAt, seed),
      createdAt,
      caption: captions[dice.readUInt16BE(2) % captions.length] ?? '',
      seconds: 7 + (dice.readUInt16BE(8) % 52),
      width: isWide ? 1920 : 1080,
      height: isWide ? 1080 : 1920,
      isAigc: false,
    });
    createdAt -= Math.ceil(pause * (0.25 + (dice.readUInt16BE(10) % 1501) / 1000));
  }
  return videos;
}

/** Index of the first video older than `before`; the list is sorted from new to old. */
function firstBefore(videos: readonly Video[], before: number): number {
  let low = 0;
  let high = videos.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((videos[middle]?.createdAt ?? 0) < before) high = middle;
    else low = middle + 1;
  }
  return low;
}

const captions = [
  'Four in the morning, and the ovens are already singing. #bakerytok #sourdough',
  'How we fold 27 layers into one croissant #lamination #hazelandrye',
  'The rye starter is older than our youngest baker. Meet Gudrun. #sourdoughstarter',
  'Cardamom buns, start to finish in forty seconds #cardamombuns #fika',
  'You asked why our crust crackles. Turn the sound on. #asmr #bread',
  'Saffron, raisins, patience: Lucia week begins #saffransbullar #lucia',
  'What happens to yesterday’s loaves? Crispbread, of course. #nowaste',
  'Scoring, the long cut #scoring #breadtok',
  'Pumpkin seed rye for the cold days #ryebread #autumn',
  'Butter in, butter out: a Saturday in the lamination room #croissant',
  'The first 200 buns are out at 07:00. See you at the counter. #hazelandrye',
  'Our miller came by with this year’s grain #flour #harvest',
  'Three ways to shape a knot bun #howto #baking',
  'Rain outside, cinnamon inside #cinnamonswirls #cosy',
  'The babka that broke the internet, or at least our till #babka #chocolate',
  'Why we weigh the water #bakerytips',
  'Closing time, last loaf, best customer #bakerylife',
  'Twelve jams, one spoon #jam #toast',
];
