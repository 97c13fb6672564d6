import path from 'node:path';
import { loadTexts } from '../../../../core/web/texts.ts';
import { projectRoot } from '../../../../core/project-root.ts';
import { createGoingLive } from '../../../../plugins/tiktok/going-live/index.ts';

const publicUrl = 'https://panel.example.org';

/** TikTok's way, in English words; a key without a text throws. */
const { t } = loadTexts({
  folders: [path.join(projectRoot, 'plugins/tiktok/locales')],
  onMissing: (key) => {
    throw new Error(`There is no text for ${key}.`);
  },
}).speech('en');

export const part = createGoingLive({
  t,
  urls: { publicUrl, callbackUrl: `${publicUrl}/app/tiktok/profile`, webhookUrl: `${publicUrl}/webhooks/tiktok` },
});
