import { tableOf } from '../doctor/doctor-table.ts';
import { withPanel } from './panel-process.ts';

// What the page Setup check shows, as text: exit code 1 while something does not work. It needs neither web nor worker.
await withPanel({}, async ({ base, services }) => {
  const { doctor } = services;
  const checks = doctor.checks();
  const labels = new Map(checks.map(({ name, check }) => [name, check.label]));
  const runs = await doctor.run(checks, null);
  const rows = runs.map(({ name, finding }) => ({ label: labels.get(name) ?? name, finding }));
  console.log(tableOf(rows, base.texts.speech(base.siteLanguage())));
  if (rows.some(({ finding }) => finding.tone === 'bad')) process.exitCode = 1;
});
