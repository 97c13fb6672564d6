import { createApprovals } from '../approvals/approval-service.ts';
import { createSavedCaptions } from '../captions/saved-caption-service.ts';
import type { ChannelService } from '../channels/channel-service.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import type { EventLog } from '../events/event-log.ts';
import { createListHead } from '../posts/list-head.ts';
import type { PostService } from '../posts/post-service.ts';
import { createForecast } from '../forecast/forecast-service.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { createSlotService } from '../slots/slot-service.ts';
import { createTeamSettings } from '../team-settings/team-settings-service.ts';
import type { Foundation } from './foundation.ts';

interface Around {
  readonly events: EventLog;
  readonly channels: ChannelService;
  readonly desk: DeliveryDesk;
  readonly posts: PostService;
  readonly plugins: PluginRegistry;
}

/** How a team works, and what it keeps for its posts. */
export function makeTeamRooms(base: Foundation, around: Around) {
  const parts = { ...base, ...around };
  return {
    slots: createSlotService(base),
    teamSettings: createTeamSettings(parts),
    savedCaptions: createSavedCaptions(parts),
    approvals: createApprovals(parts),
    forecasts: createForecast(parts),
    listHead: createListHead(base),
  };
}
