import { expect } from 'chai';
import { problemInWords } from '../../../core/config/field-problem.ts';
import { settings } from '../../../plugins/tiktok/settings.ts';
import { t } from './support.ts';

function check(field: 'appId' | 'appSecret' | 'callbackUrl', typed: string): string {
  const found = settings.fields.find((one) => one.id === field);
  if (found === undefined || !('check' in found)) throw new Error(field);
  const result = found.check(typed);
  return 'problem' in result ? problemInWords(t, found, result.problem) : `kept ${result.value}`;
}

describe("TikTok's settings", () => {
  it('trim keys and refuse what is inside them by mistake', () => {
    expect(check('appId', ' awdemo7k2x9m4p1q\n')).to.equal('kept awdemo7k2x9m4p1q');
    expect(check('appId', 'awdemo 7k2x9m4p1q')).to.match(/space or line break/u);
    expect(check('appSecret', 'abc\tdef')).to.match(/^App Secret has a space/u);
    expect(check('appId', 'awdemo7k2x9m4p1q…')).to.match(/character/u);
    expect(check('appId', 'a'.repeat(201))).to.match(/^App ID is longer/u);
  });

  it('S16: take a callback of this installation and of this machine', () => {
    for (const url of [
      'https://panel.example.org/app/tiktok/profile',
      'http://localhost:3000/app/tiktok/profile',
      'http://127.0.0.1:3000/cb/',
      'http://[::1]:3000/cb',
      '',
    ]) {
      expect(check('callbackUrl', url)).to.equal(`kept ${url}`);
    }
  });

  it('S16: refuse a callback that TikTok would refuse, and say why', () => {
    const refused: readonly (readonly [string, RegExp])[] = [
      ['http://panel.example.org/app/tiktok/profile', /https/u],
      ['https://panel.example.org/cb?x=1', /query/u],
      ['https://panel.example.org/cb?', /query/u],
      ['https://panel.example.org/cb#x', /#/u],
      ['panel.example.org/cb', /https:\/\//u],
      ['ftp://panel.example.org/cb', /https:\/\//u],
      ['https://panel.example.org/ cb', /space/u],
      ['https://me:pw@panel.example.org/cb', /user name/u],
      [`https://panel.example.org/${'x'.repeat(512)}`, /512/u],
      ['https://panel.example.org/app/tiktok/profile/', /slash at the end.* than \/app\/tiktok\/profile\./u],
      ['http://localhost.example.org/cb', /https/u],
    ];
    for (const [url, reason] of refused) expect(check('callbackUrl', url), url).to.match(reason);
  });

  it('S17: ask for exactly the documented scopes unless an admin ticks others', () => {
    const [scopes] = settings.fields.filter((field) => field.kind === 'choices');
    const ticked = scopes?.choices.filter((choice) => choice.byDefault).map((choice) => choice.value);
    expect(ticked?.join(',')).to.equal('user.info.basic,user.info.profile,user.info.stats,video.list,video.publish');
    const upload = scopes?.choices.find((choice) => choice.value === 'video.upload');
    expect(t(upload?.why ?? '')).to.equal('Not used: posts are published directly.');
    expect(scopes?.choices.filter((choice) => choice.always).map((choice) => choice.value)).to.deep.equal([
      'user.info.basic',
    ]);
  });
});
