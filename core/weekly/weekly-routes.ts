import { NotFoundError } from '../errors.ts';
import type { PersonContext, Route } from '../web/route.ts';
import type { WeeklyChoice, WeeklyChoices } from './weekly-choices.ts';

interface WeeklyRouteParts {
  readonly weekly: WeeklyChoices;
}

/** The mail about each week: chosen on the account page, and ended on the page that every such mail leads to. */
export function weeklyRoutes({ weekly }: WeeklyRouteParts): readonly Route[] {
  const one = '/account/weekly/:team';
  return [
    {
      method: 'post',
      path: '/account/weekly',
      permission: 'signed-in',
      handle: async (context) => {
        await weekly.save(context.person.id, context.all('team'));
        context.flash('ok', context.t('weekly:choice.saved'));
        context.redirect('/account');
      },
    },
    {
      method: 'get',
      path: one,
      permission: 'signed-in',
      handle: async (context) => {
        const team = await teamOf(weekly, context);
        await context.page('account/weekly-end', {
          title: context.t('weekly:end.title'),
          current: 'account',
          asked: team,
        });
      },
    },
    {
      method: 'post',
      path: one,
      permission: 'signed-in',
      handle: async (context) => {
        const team = await teamOf(weekly, context);
        await weekly.stop({ userId: context.person.id, teamId: team.id });
        context.flash('ok', context.t('weekly:end.done', { team: team.name }));
        context.redirect('/account');
      },
    },
  ];
}

/** @throws NotFoundError for what is no team of this person */
async function teamOf(weekly: WeeklyChoices, { person, params }: PersonContext): Promise<WeeklyChoice> {
  const found = (await weekly.of(person.id)).find(({ id }) => String(id) === params['team']);
  if (found === undefined) throw new NotFoundError('This person is in no such team.');
  return found;
}
