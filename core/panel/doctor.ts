import { createDoctor, type DoctorService } from '../doctor/doctor-service.ts';
import type { EventLog } from '../events/event-log.ts';
import type { OperationsService } from '../operations/operations-service.ts';
import type { PluginRegistry } from '../plugin-host/plugin-registry.ts';
import { createVerificationService } from '../site/verification-service.ts';
import type { Foundation } from './foundation.ts';

interface DoctorRooms {
  readonly registry: PluginRegistry;
  readonly operations: OperationsService;
  readonly events: EventLog;
}

/** Whether the installation is set up well. */
export function makeDoctor(base: Foundation, rooms: DoctorRooms): DoctorService {
  return createDoctor({ ...base, ...rooms, verification: createVerificationService({ ...base, ...rooms }) });
}
