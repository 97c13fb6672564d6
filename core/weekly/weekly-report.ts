import type { ChannelOverview, ChannelVideo } from '#plugin-api';
import type { ApprovalService } from '../approvals/approval-service.ts';
import type { AttentionService } from '../attention/attention-service.ts';
import { type Role, roleMay } from '../auth/permissions.ts';
import type { Channel } from '../channels/channel.ts';
import type { Overviews } from '../insights/overviews.ts';

export interface WeeklySources {
  readonly channels: { list(teamId: number): Promise<readonly Channel[]> };
  readonly overviews: Pick<Overviews, 'load' | 'best'>;
  readonly attention: Pick<AttentionService, 'counts'>;
  readonly approvals: Pick<ApprovalService, 'count'>;
}

/** The last seven days of a team, as one of its members may know them. */
export interface Week {
  readonly channels: readonly { readonly channel: Channel; readonly told: ChannelOverview | 'failed' | undefined }[];
  /** By views, best first. */
  readonly best: readonly ChannelVideo[];
  /** What waits for this person; of what the role does not decide nothing. */
  readonly needs: { readonly posts: number; readonly approvals: number; readonly channels: number };
}

export const weekDays = 7;
const mostBest = 3;

export async function readWeek(
  { channels, overviews, attention, approvals }: WeeklySources,
  { teamId, role }: { readonly teamId: number; readonly role: Role },
): Promise<Week> {
  const connected = await channels.list(teamId);
  const [told, best, asking, waiting] = await Promise.all([
    overviews.load(connected, { days: weekDays }),
    overviews.best(connected, { days: weekDays, by: 'views', limit: mostBest }),
    attention.counts(teamId, connected),
    approvals.count(teamId),
  ]);
  return {
    channels: connected.map((channel) => ({ channel, told: told.get(channel.id) })),
    best,
    needs: {
      posts: roleMay(role, 'posts.edit') ? asking.posts : 0,
      approvals: roleMay(role, 'posts.approve') ? waiting : 0,
      channels: roleMay(role, 'channels.connect') ? asking.channels : 0,
    },
  };
}
