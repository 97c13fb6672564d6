import { selectFindings } from '../doctor/doctor-store.ts';
import type { EventLog } from '../events/event-log.ts';
import { createGoingLiveService, type SiteStanding } from '../going-live/going-live-service.ts';
import { GoingLiveStore } from '../going-live/going-live-store.ts';
import { createRecordStrips } from '../going-live/record-strips.ts';
import { languages } from '../language/languages.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { readPluginSettings } from '../settings/settings-deps.ts';
import { createSettingsStore } from '../settings/settings-store.ts';
import type { LegalPage, LegalService } from '../site/legal-service.ts';
import type { VerificationService } from '../site/verification-service.ts';
import type { Foundation } from './foundation.ts';

interface GoingLiveRooms {
  readonly registry: PluginRegistry;
  readonly events: EventLog;
  readonly legal: Pick<LegalService, 'states'>;
  readonly verification: Pick<VerificationService, 'list'>;
}

/** The way to apps that their networks have reviewed, and what an admin's film of it shows. */
export function makeGoingLive(base: Foundation, rooms: GoingLiveRooms) {
  const store = new GoingLiveStore(base.db);
  const settings = { ...base, store: createSettingsStore(base.db) };
  const goingLive = createGoingLiveService({
    ...{ ...base, ...rooms, store },
    sets: async (owner) => (await readPluginSettings(settings, owner)).sets,
    site: siteStanding(base, rooms),
  });
  const stageOf = (person: { readonly id: number }, pluginId: string) => store.stage(person, pluginId);
  return { goingLive, stageOf, recordStrip: createRecordStrips({ goingLive, store }) };
}

function siteStanding({ db, config, identity }: Foundation, { legal, verification }: GoingLiveRooms): SiteStanding {
  return {
    name: () => Promise.resolve(identity.name()),
    homeWords: () =>
      languages.map((language) => Object.values(identity.homeWords(language)).join(' ').trim()).filter(Boolean),
    async pages() {
      const states = await legal.states();
      // The home page's own template leads to both; the setup check has looked at what strangers really get.
      const findings = await selectFindings(db.knex, Object.values(findingOf));
      const pageOf = (page: LegalPage) => {
        const state = states.find((one) => one.page === page);
        const finding = findings.find(({ name }) => name === findingOf[page])?.finding;
        return {
          url: `${config.publicUrl}${state?.path ?? '/'}`,
          isPlaceholder: state?.isPlaceholder ?? true,
          isLinked: finding?.kind !== 'not-linked',
        };
      };
      return { privacy: pageOf('privacy'), terms: pageOf('terms') };
    },
    async proofs() {
      const files = await verification.list();
      return files.flatMap(({ place, doubt }) => (doubt === undefined ? [place.slice(1)] : []));
    },
  };
}

/** Names of the setup check. */
const findingOf = { privacy: 'privacy-policy', terms: 'terms-of-service' } as const satisfies Record<LegalPage, string>;
