import path from 'node:path';
import { Command } from 'commander';
import { makeDemoVideo } from './demo/demo-video.ts';
import { type DemoWorld, openDemoWorld } from './demo/demo-world.ts';
import { doMainJob } from './demo/main-job.ts';
import { prepareDemo } from './demo/prepare-demo.ts';
import { startOrExplain } from './panel-process.ts';

/** Four chunks: enough to see them go. */
const demoVideoBytes = 40_000_000;

interface DemoChoices {
  readonly once?: true;
  readonly file?: string;
  readonly port: string;
  readonly simulatorPort: string;
}

const program = new Command('npm run demo --')
  .description('The whole product against a local TikTok, with nobody’s credentials, on data that is thrown away.')
  .option('--once', 'do the main job without a browser and end: exit code 0 only if all of it is right')
  .option('--file <path>', 'with --once: the video to publish')
  .option('--port <number>', 'where the panel listens', '3000')
  .option('--simulator-port <number>', 'where the local TikTok listens', '3900');

await startOrExplain(async () => {
  const choices = program.parse().opts<DemoChoices>();
  if (choices.once) await runOnce(choices.file);
  else await stayOpen(choices);
});

async function runOnce(file: string | undefined): Promise<void> {
  const world = await openDemoWorld({ port: 0, simulatorPort: 0 });
  try {
    const video = file === undefined ? await ownVideo(world) : path.resolve(file);
    await doMainJob({ world, file: video, say: (line) => console.log(line) });
    console.log('All of it is right.');
  } catch (error) {
    console.error(`Not right: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await world.close();
  }
}

async function ownVideo(world: DemoWorld): Promise<string> {
  const video = path.join(world.folder, 'lucia-saffron-buns.mp4');
  await makeDemoVideo(video, demoVideoBytes);
  return video;
}

async function stayOpen(choices: DemoChoices): Promise<void> {
  const world = await openDemoWorld({ port: Number(choices.port), simulatorPort: Number(choices.simulatorPort) });
  await prepareDemo(world, await ownVideo(world));
  console.log(welcome(world));
  const stop = (): void => {
    void world.close().then(() => process.exit(0));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
}

function welcome({ url, simulator, admin, member, app }: DemoWorld): string {
  return [
    '',
    `  Castdeck          ${url}`,
    `  Local TikTok      ${simulator.url}`,
    '',
    `  Team member       ${member.email}   ${member.password}`,
    `  Admin             ${admin.email}   ${admin.password}`,
    '',
    `  TikTok's app is entered already (App ID ${app.appId}). Sign in as the team member, then`,
    '  Channels → Add Channel → TikTok → Profile, and New post with the video under Files.',
    '  Everything is thrown away when you press Ctrl+C.',
    '',
    `listening ${url}`,
  ].join('\n');
}
