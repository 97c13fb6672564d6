import { expect } from 'chai';
import { csvLine, csvMark, type PluginParts } from '#plugin-api';
import { defer } from '../../../core/language/deferred-text.ts';
import { createMember, createPerson } from '../../support/factories.ts';
import { createDesk, type Desk } from './connect-desk.ts';

describe('A file that a plugin makes', () => {
  const channelRoutes: PluginParts['channelRoutes'] = [
    {
      method: 'get',
      path: 'numbers.csv',
      permission: 'team.see',
      handle: () =>
        Promise.resolve({ kind: 'download', name: 'rye “all”.csv', type: 'text/csv; charset=utf-8', body: lines() }),
    },
  ];
  let desk: Desk;
  let path: string;
  beforeEach(async () => {
    desk = await createDesk({ channelRoutes });
    await desk.connect();
    path = `/team/${desk.team.id}/channels/${(await desk.onlyChannel()).id}/numbers.csv`;
  });
  afterEach(() => desk.close());

  it('S47: is sent while it is made, with words in it and no formula', async () => {
    const viewer = await desk.world.signIn(await createMember(desk.world.db, { team: desk.team, role: 'viewer' }));
    const { text, headers } = await viewer.get(path);
    expect(text.slice(0, 72)).to.match(/^\ufeff?"Sign out","'=1\+1","'＝1\+1","say ""no"""\r\n"7301234567890123456/u);
    expect(text.split('\r\n')).to.have.length(2_002);
    expect(headers['content-type']).to.equal('text/csv; charset=utf-8');
    expect(headers['content-disposition']).to.match(/^attachment; filename=".*\.csv"; filename\*=UTF-8''rye/);
    expect(headers['cache-control']).to.equal('no-store');
  });

  it('S1: is as absent for another team as the channel', async () => {
    const outsider = await desk.world.signIn(await createPerson(desk.world.db));
    expect((await outsider.get(path)).status).to.equal(404);
  });
});

/** More than any buffer on the way holds. */
async function* lines(): AsyncGenerator<string> {
  const deferred = defer({ key: 'frame:signOut', values: {}, english: 'Sign out' });
  yield await Promise.resolve(csvMark + csvLine([deferred, '=1+1', '＝1+1', 'say "no"']));
  for (let made = 0; made < 2_000; made += 1) yield csvLine(['7301234567890123456'.padEnd(4_000, ' ')]);
}
