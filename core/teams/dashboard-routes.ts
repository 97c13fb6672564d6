import { roleMay } from '../auth/permissions.ts';
import type { Route, TeamContext } from '../web/route.ts';
import type { DashboardService } from './dashboard-service.ts';

export function dashboardRoutes(dashboard: DashboardService): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/team/:team/',
      permission: 'team.see',
      handle: async (context) => {
        const model = await dashboard.load(context.team, context);
        if (model === undefined) {
          await showFirstSteps(dashboard, context);
          return;
        }
        const title = context.t('teams:dashboard.title');
        await context.page('team/dashboard', { ...model, title, current: 'dashboard' });
      },
    },
  ];
}

async function showFirstSteps(dashboard: DashboardService, { team, page, t }: TeamContext): Promise<void> {
  const { hasChannel, hasMedia } = await dashboard.firstSteps(team);
  const mayPost = roleMay(team.role, 'posts.edit');
  const path = (rest: string) => (mayPost ? `/team/${team.id}/${rest}` : null);
  const steps = [
    { id: 'channel', isDone: hasChannel, href: path('channels?add') },
    { id: 'video', isDone: hasMedia, href: path('files') },
    { id: 'post', isDone: false, href: path('posts/new') },
  ];
  const current = steps.findIndex(({ isDone }) => !isDone);
  const model = { title: t('teams:dashboard.title'), current: 'dashboard' };
  await page('team/new-team', { ...model, steps: steps.map((step, n) => ({ ...step, isCurrent: n === current })) });
}
