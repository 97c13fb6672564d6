import { overriddenCallback } from '../channels/connect-routes.ts';
import { freePlaces } from '../site/file-place.ts';
import { legalRoutes } from '../site/legal-routes.ts';
import { siteDeskRoutes } from '../site/site-desk-routes.ts';
import { siteRoutes } from '../site/site-routes.ts';
import { verificationRoutes } from '../site/verification-routes.ts';
import type { Route } from '../web/route.ts';
import type { Foundation } from './foundation.ts';
import { homeNetworks } from './home-networks.ts';
import type { Services } from './services.ts';

interface AllRoutes {
  readonly adminPath: string;
  /** Every route there is, asked only when a file is saved. */
  readonly routes: () => readonly Route[];
}

/** What strangers read, and Settings → Site, where admins write it. */
export function sitePages(base: Foundation, services: Services, { adminPath, routes }: AllRoutes): readonly Route[] {
  const { config, identity } = base;
  const parts = { ...base, ...services, adminPath, publicUrl: config.publicUrl };
  return [
    ...siteRoutes({ ...parts, ...identity, networks: (t) => homeNetworks(services.registry, t) }),
    ...siteDeskRoutes(parts),
    ...legalRoutes(parts),
    ...verificationRoutes({ ...parts, isTaken: takenPlaces(services, routes) }),
  ];
}

/** The files of networks' crawlers, at paths that no page of the panel has. */
export function siteFiles({ verification }: Services, routes: readonly Route[]) {
  const isFree = freePlaces(routes);
  return (path: string): Promise<Buffer | undefined> =>
    isFree(path) ? verification.bytesAt(path) : Promise.resolve(undefined);
}

function takenPlaces(services: Services, routes: () => readonly Route[]) {
  return async (path: string): Promise<boolean> =>
    !freePlaces(routes())(path) || (await overriddenCallback(services, path)) !== undefined;
}
