import type { Request } from 'express';
import { lastTeam } from './pages.ts';
import type { Standing } from './route.ts';

interface StartOptions {
  readonly isSecure: boolean;
  /** Where an admin without a team begins. */
  readonly adminPath: string;
}

/** Where a person begins: the team visited last, an admin without one at the settings, anybody else at the account. */
export function startPath(req: Request, standing: Standing, { isSecure, adminPath }: StartOptions): string {
  const team = lastTeam(req, standing, isSecure);
  if (team !== undefined) return `/team/${team.id}/`;
  return standing.person.isAdmin ? adminPath : '/account';
}
