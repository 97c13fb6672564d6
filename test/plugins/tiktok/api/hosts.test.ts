import { expect } from 'chai';
import { TrustedHosts } from '../../../../plugins/tiktok/api/hosts.ts';

const strangers = [
  'http://127.0.0.1/upload',
  'https://127.0.0.1/upload',
  'http://[::1]/upload',
  'http://[::ffff:127.0.0.1]/upload',
  'http://0/upload',
  'http://0x7f.1/upload',
  'http://2130706433/upload',
  'http://169.254.169.254/latest/meta-data',
  'http://10.0.0.1/upload',
  'http://[fd00::1]/upload',
  'file:///etc/passwd',
  'gopher://open-upload.tiktokapis.com/',
  'https://open-upload.tiktokapis.com@evil.example/',
  'https://user:pw@open-upload.tiktokapis.com/',
  'https://eviltiktokapis.com/upload',
  'https://tiktokapis.com.evil.example/upload',
  'https://tiktokapis.com./upload',
  'http://open-upload.tiktokapis.com/upload',
  'https://open-upload.tiktokapis.com:8443/upload',
  'https://localhost/upload',
  'not an address',
  '',
];

describe('addresses out of TikTok’s answers', () => {
  const live = new TrustedHosts('https://open.tiktokapis.com');

  it('S27: are uploaded to at hosts under tiktokapis.com, over https on 443', () => {
    for (const host of ['open-upload.tiktokapis.com', 'upload.us.tiktokapis.com', 'open-upload-va.tiktokapis.com']) {
      expect(live.allowsUpload(`https://${host}/video/?upload_id=1&upload_token=x`), host).to.equal(true);
    }
    expect(live.allowsUpload('https://OPEN-UPLOAD.tiktokapis.com:443/x')).to.equal(true);
  });

  for (const address of strangers) {
    it(`S27: are never uploaded to at ${address || 'an empty address'}`, () => {
      expect(live.allowsUpload(address)).to.equal(false);
      expect(live.allowsPicture(address)).to.equal(false);
    });
  }

  it('S27: may be on this machine only while the API itself is', () => {
    for (const api of ['http://127.0.0.1:4010', 'http://localhost:4010', 'http://[::1]:4010']) {
      const local = new TrustedHosts(api);
      expect(local.allowsUpload('http://127.0.0.1:4010/upload/1')).to.equal(true);
      expect(local.allowsPicture('http://localhost:4010/avatar/1')).to.equal(true);
      for (const address of ['http://10.0.0.1/', 'http://169.254.169.254/', 'https://evil.example/', 'file:///x']) {
        expect(local.allowsUpload(address), address).to.equal(false);
      }
    }
  });

  it('S27: are copied as pictures from TikTok’s picture hosts alone', () => {
    expect(live.allowsPicture('https://p16-sign-va.tiktokcdn.com/a.jpeg?x-expires=1')).to.equal(true);
    expect(live.allowsPicture('https://p16-common-sign.tiktokcdn-us.com/a.webp')).to.equal(true);
    expect(live.allowsPicture('https://eviltiktokcdn.com/a.jpeg')).to.equal(false);
    expect(live.allowsUpload('https://p16-sign-va.tiktokcdn.com/a.jpeg')).to.equal(false);
  });
});
