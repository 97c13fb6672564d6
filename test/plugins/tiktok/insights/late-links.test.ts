import { expect } from 'chai';
import type { LinklessPost } from '#plugin-api';
import { matchVideos } from '../../../../plugins/tiktok/insights/late-links.ts';

const sentAt = Date.UTC(2026, 10, 20, 9);
const minute = 60_000;
const caption = 'Cardamom buns, fresh at seven #fika';

type Video = Parameters<typeof matchVideos>[1][number];

function post(facts: Partial<LinklessPost> = {}): LinklessPost {
  return { deliveryId: 1, caption, durationMs: 34_400, sentAt, publishedAt: sentAt + 5 * minute, ...facts };
}

function video(facts: Partial<Video> = {}): Video {
  return { videoId: '71', publishedAt: sentAt + minute, caption, durationSeconds: 34, ...facts };
}

function matched(posts: readonly LinklessPost[], videos: readonly Video[], linked: readonly string[] = []): unknown {
  return [...matchVideos({ posts, linkedIds: new Set(linked) }, videos)];
}

describe('The video that a post without a link became', () => {
  it('was created after it was sent, with its caption and its length', () => {
    expect(matched([post()], [video()])).to.deep.equal([[1, '71']]);
  });

  const others: readonly (readonly [string, Partial<Video>])[] = [
    ['older than the post', { publishedAt: sentAt - 2 * minute }],
    ['of another day', { publishedAt: sentAt + 25 * 60 * minute }],
    ['with another caption', { caption: 'Cardamom buns' }],
    ['with another length', { durationSeconds: 36 }],
    ['without a length', { durationSeconds: null }],
    ['of photos', { durationSeconds: 0 }],
    ['without a caption', { caption: '' }],
  ];
  for (const [name, facts] of others) {
    it(`is none ${name}`, () => {
      expect(matched([post()], [video(facts)])).to.deep.equal([]);
    });
  }

  it('is none that belongs to another post', () => {
    expect(matched([post()], [video()], ['71'])).to.deep.equal([]);
  });

  it('may come from a clock that is a little behind, with other spaces and a rounded length', () => {
    const odd = { publishedAt: sentAt - 30_000, caption: ` ${caption.replace(' ', '\n')} `, durationSeconds: 35 };
    expect(matched([post()], [video(odd)])).to.deep.equal([[1, '71']]);
  });

  it('is known by the beginning of a caption that TikTok shortens', () => {
    const long = 'Buns '.repeat(60).trim();
    expect(matched([post({ caption: long })], [video({ caption: long.slice(0, 150) })])).to.deep.equal([[1, '71']]);
    expect(matched([post({ caption: long })], [video({ caption: long.slice(0, 50) })])).to.deep.equal([]);
  });

  it('is one of photos for a post of photos, which has no length in TikTok’s list', () => {
    const photos = post({ durationMs: null });
    expect(matched([photos], [video({ durationSeconds: 0 })])).to.deep.equal([[1, '71']]);
    expect(matched([photos], [video({ durationSeconds: 1 })])).to.deep.equal([]);
    expect(matched([photos], [video({ durationSeconds: null })])).to.deep.equal([]);
    expect(matched([post({ durationMs: 400 })], [video({ durationSeconds: 0 })])).to.deep.equal([]);
  });

  it('stays unknown where it could be two', () => {
    expect(matched([post()], [video(), video({ videoId: '72' })])).to.deep.equal([]);
  });

  it('is found for each of two equal posts by when they were sent', () => {
    const later = post({ deliveryId: 2, sentAt: sentAt + 10 * minute, publishedAt: sentAt + 12 * minute });
    const videos = [video(), video({ videoId: '72', publishedAt: sentAt + 11 * minute })];
    expect(matched([post(), later], videos)).to.deep.equal([
      [2, '72'],
      [1, '71'],
    ]);
    expect(matched([post(), later], videos.slice(1))).to.deep.equal([[2, '72']]);
    expect(matched([post(), later], videos.slice(0, 1))).to.deep.equal([[1, '71']]);
  });

  it('is not guessed for posts without a word', () => {
    expect(matched([post({ caption: '' })], [video({ caption: '' })])).to.deep.equal([]);
  });
});
