import type { Role } from '../auth/permissions.ts';

/** The member who acts. */
export interface ActingMember {
  readonly id: number;
  readonly teamId: number;
  readonly role: Role;
}
