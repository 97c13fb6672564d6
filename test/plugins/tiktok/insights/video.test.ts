import { expect } from 'chai';
import { linkOf } from '../../../../plugins/tiktok/insights/video-link.ts';
import { engagementOf } from '../../../../plugins/tiktok/insights/video.ts';

describe('The engagement of a video', () => {
  it('is likes, comments and shares of views, in parts per million', () => {
    expect(engagementOf({ views: 1_000, likes: 80, comments: 5, shares: 15 })).to.equal(100_000);
  });

  it('is none of what is not known, of what nobody has seen, nor where views lag so far behind that it says nothing', () => {
    expect(engagementOf({ views: null, likes: 1, comments: 1, shares: 1 })).to.equal(null);
    expect(engagementOf({ views: 0, likes: 1, comments: 0, shares: 0 })).to.equal(null);
    expect(engagementOf({ views: 1, likes: 2_000, comments: 0, shares: 0 })).to.equal(2_000_000_000);
    expect(engagementOf({ views: 1, likes: 2_200, comments: 0, shares: 0 }), 'more than a column holds').to.equal(null);
  });
});

describe('The link to a video on TikTok', () => {
  const shareUrl = 'https://www.tiktok.com/@rye/video/7568123456789012345?utm_campaign=tt4d_open_api&utm_source=aw1';
  const video = { videoId: '7568123456789012345', durationSeconds: 12, shareUrl };

  it('has the username of today, and of photos their own address', () => {
    const renamed = { username: 'rye.club' };
    expect(linkOf(renamed, video)).to.equal('https://www.tiktok.com/@rye.club/video/7568123456789012345');
    expect(linkOf(renamed, { ...video, durationSeconds: 0 })).to.contain('/photo/');
  });

  it('is TikTok’s own without the app’s key where the username may not be read, and nobody else’s', () => {
    const unknown = { username: null };
    expect(linkOf(unknown, video)).to.equal('https://www.tiktok.com/@rye/video/7568123456789012345');
    for (const other of [null, 'x', 'http://www.tiktok.com/x', 'https://tiktok.com.test/x', 'javascript:alert(1)']) {
      expect(linkOf(unknown, { ...video, shareUrl: other }), String(other)).to.equal(null);
    }
  });
});
