import { expect } from 'chai';
import { readVideoLink } from '../../../plugins/tiktok/read-link.ts';
import { t } from './support.ts';

const id = '7678907398077074696';
const kept = { remoteId: id, url: `https://www.tiktok.com/@hazelandrye/video/${id}` };

function read(typed: string, username: string | null = 'hazelandrye') {
  return readVideoLink(t, typed, { username });
}

describe('a link that a person has found', () => {
  const right = [
    `https://www.tiktok.com/@hazelandrye/video/${id}`,
    `  https://www.tiktok.com/@hazelandrye/video/${id}/  `,
    `https://www.tiktok.com/@hazelandrye/video/${id}?is_from_webapp=1&sender_device=pc#comments`,
    `https://tiktok.com/@HazelAndRye/video/${id}`,
    `www.tiktok.com/@hazelandrye/video/${id}`,
    `HTTPS://WWW.TIKTOK.COM/@hazelandrye/video/${id}`,
  ];
  for (const typed of right) {
    it(`is read from ${typed.trim()}`, () => {
      expect(read(typed)).to.deep.equal(kept);
    });
  }

  it('is read of photos as well', () => {
    const url = `https://www.tiktok.com/@hazelandrye/photo/${id}`;
    expect(read(`${url}?lang=en`)).to.deep.equal({ remoteId: id, url });
  });

  it('keeps all digits of the number as text', () => {
    expect(read(`https://www.tiktok.com/@hazelandrye/video/9999999999999999999`)).to.include({
      remoteId: '9999999999999999999',
    });
  });

  it('takes the name in it where the channel’s own is not known', () => {
    expect(read(`https://www.tiktok.com/@someone/video/${id}`, null)).to.have.property(
      'url',
      `https://www.tiktok.com/@someone/video/${id}`,
    );
  });

  it('is refused for another account, naming both', () => {
    const problem = read(`https://www.tiktok.com/@northpier/video/${id}`);
    expect(problem).to.have.property('problem').that.includes('@northpier').and.includes('@hazelandrye');
  });

  for (const typed of [
    'https://vm.tiktok.com/ZMabc123/',
    'https://m.tiktok.com/v/1.html',
    'https://www.tiktok.com/t/Z8x/',
  ]) {
    it(`is refused as a short link: ${typed}`, () => {
      expect(read(typed))
        .to.have.property('problem')
        .that.matches(/^This is a short link/u);
    });
  }

  it('is refused elsewhere, naming where', () => {
    for (const host of ['evil.example', 'www.tiktok.com.evil.example', 'tiktok.co']) {
      const problem = read(`https://${host}/@hazelandrye/video/${id}`);
      expect(problem).to.have.property('problem').that.includes(`${host} is not TikTok`);
    }
  });

  const unreadable = [
    '',
    id,
    'it is there',
    'javascript:alert(1)',
    `http://www.tiktok.com/@hazelandrye/video/${id}`,
    `https://me:secret@www.tiktok.com/@hazelandrye/video/${id}`,
    `https://www.tiktok.com:8443/@hazelandrye/video/${id}`,
    'https://www.tiktok.com/@hazelandrye',
    `https://www.tiktok.com/@hazelandrye/video/${id}0`,
    `https://www.tiktok.com/@hazelandrye/video/${id.slice(1)}`,
    `https://www.tiktok.com/@hazelandrye/live/${id}`,
  ];
  for (const typed of unreadable) {
    it(`is refused with what a right one looks like: “${typed}”`, () => {
      expect(read(typed))
        .to.have.property('problem')
        .that.matches(/not (the address of a video|TikTok)/u);
    });
  }
});
