import { expect } from 'chai';
import path from 'node:path';
import { runNetworkCommand } from '../../../../core/bin/network-commands.ts';
import type { Language } from '../../../../core/language/languages.ts';
import { projectRoot } from '../../../../core/project-root.ts';
import { loadTexts } from '../../../../core/web/texts.ts';
import { demoApps } from '../../../../plugins/tiktok/simulator/index.ts';
import { failureOf } from '../../../support/failure.ts';
import { type CheckWorld, openCheckWorld } from './check-world.ts';

const folders = ['core/locales', 'plugins/tiktok/locales'].map((folder) => path.join(projectRoot, folder));

describe('npm run tiktok', () => {
  let world: CheckWorld;
  let channel: string;
  before(async () => {
    world = await openCheckWorld();
    channel = await world.connect();
  });
  after(() => world.close());

  /**
   * Network and panel share this process: where it stands still for longer than a call may take, no answer is read in
   * time, and the check says so. Then it is asked again, unless it did more than look.
   */
  async function tiktok(args: readonly string[], language: Language = 'en') {
    let told = await typed(args, language);
    for (let n = 0; n < 20 && told.said.includes('code no_answer') && !args.includes('--renew'); n += 1)
      told = await typed(args, language);
    return told;
  }

  async function typed(args: readonly string[], language: Language) {
    const lines: string[] = [];
    let hasFailed = false;
    const terminal = { say: (line: string) => void lines.push(line), fail: () => void (hasFailed = true) };
    const texts = loadTexts({ folders, onMissing: (key) => lines.push(`no text for ${key}`) });
    const { publicUrl, forCommands } = world.web;
    const base = { texts, siteLanguage: () => language, config: { publicUrl } };
    await runNetworkCommand({ base, services: forCommands, terminal }, ['tiktok', ...args]);
    return { said: lines.join('\n'), hasFailed };
  }

  it('checks a channel by its @username, whatever its case: conclusion first, then every row', async () => {
    const { said, hasFailed } = await tiktok(['check', '@HazelAndRye']);
    expect(hasFailed).to.equal(false);
    expect(said).to.match(
      /^Hazel & Rye @hazelandrye · .+\nLive app awdemo…: state not noted, .+\n\n✓ The connection is in order/u,
    );
    expect(said).to.contain('✓ video.publish: Granted, and TikTok takes it.');
    expect(said).to.match(/✓ creator_info\/query with video\.publish: TikTok answered\.\n {4}code ok · log_id 2026/u);
  });

  it('fails where the connection does not do what it should, with the code and who can put it right', async () => {
    world.simulator.control.putApp({ client_key: demoApps.live.client_key, refused_scopes: ['video.publish'] });
    const { said, hasFailed } = await tiktok(['check', '@hazelandrye']);
    world.simulator.control.putApp({ client_key: demoApps.live.client_key, refused_scopes: [] });
    expect(hasFailed).to.equal(true);
    expect(said)
      .to.contain(
        '✗ The token lists video.publish, but TikTok refuses it: the app is not approved for Content Posting.',
      )
      .and.to.contain('Admin: look in TikTok')
      .and.to.contain('code scope_not_authorized');
  });

  it('speaks the language of the installation', async () => {
    const { said } = await tiktok(['check', 'hazelandrye'], 'th');
    expect(said)
      .to.contain('สิทธิ์แต่ละข้อ')
      .and.not.to.contain('no text for')
      .and.not.to.match(/[\uFDD0-\uFDD4]/u);
  });

  it('renews an access only where it is told to, and shows none of its secrets', async () => {
    const secrets = async (): Promise<string> => {
      const [stored] = await world.web.channels.list(world.team.id);
      return (await world.web.credentials.access(stored?.credentialId ?? 0)).accessToken();
    };
    const before = await secrets();
    const { refreshes } = world.simulator.control.stats();
    const plain = await tiktok(['check', '@hazelandrye']);
    expect(world.simulator.control.stats().refreshes).to.equal(refreshes);
    const renewed = await tiktok(['check', '@hazelandrye', '--renew']);
    expect(world.simulator.control.stats().refreshes).to.equal(refreshes + 1);
    for (const { said } of [plain, renewed]) {
      expect(said)
        .not.to.contain(before)
        .and.not.to.contain(await secrets());
      expect(said)
        .not.to.contain(demoApps.live.client_secret)
        .and.not.to.match(/\b(?:act|rft|clt)\./u);
    }
  });

  it('knows no channel of that name, and says what to type', async () => {
    expect(String(await failureOf(tiktok(['check', '@nobody'])))).to.contain('No connected channel is named @nobody');
    expect(String(await failureOf(tiktok(['check', '@hazelandrye', '--team', '999'])))).to.contain(
      'No connected channel',
    );
  });

  it('prints a link for connecting from another machine that leads to a page', async () => {
    const { said } = await tiktok(['connect']);
    expect(said).to.contain('A link for Maja (');
    const link = said.split('\n').find((line) => line.startsWith('http')) ?? '';
    const page = await world.manager.get(new URL(link).pathname);
    expect(page.status).to.equal(200);
    expect(page.text).to.contain('Connect a TikTok profile').and.to.contain('Go on to TikTok');
    expect(channel).to.match(/^\/team\/\d+\/channels\/\d+$/u);
  });
});
