export const roles = ['viewer', 'editor', 'manager', 'owner'] as const;
export type Role = (typeof roles)[number];

/** The one table of who may do what in a team: each permission names the least role that has it. */
const leastRole = {
  'team.see': 'viewer',
  'files.edit': 'editor',
  'posts.edit': 'editor',
  'channels.connect': 'editor',
  'channels.manage': 'manager',
  'members.manage': 'manager',
  'team.settings': 'manager',
  'attention.decide': 'manager',
  'posts.approve': 'manager',
  'owners.manage': 'owner',
  'team.delete': 'owner',
} as const satisfies Record<string, Role>;

export type TeamPermission = keyof typeof leastRole;

/** What a route asks for: nothing, a signed-in person, an admin of the installation, or a role in the team of its address. */
export type RoutePermission = 'public' | 'signed-in' | 'admin' | TeamPermission;

export function roleMay(role: Role, permission: TeamPermission): boolean {
  return roles.indexOf(role) >= roles.indexOf(leastRole[permission]);
}
