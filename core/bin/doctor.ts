import type { Texts } from '../web/texts.ts';
import { tableOf, type TableRow } from '../doctor/doctor-table.ts';
import { lookWithoutPanel } from '../doctor/look-without-panel.ts';
import type { Language } from '../language/languages.ts';
import { createPino, panelLog } from '../log/logger.ts';
import { loadPanelTexts, migrationFolders } from '../panel/foundation.ts';
import { withPanel } from './panel-process.ts';

// What the page Setup check shows, as text: exit code 1 while something does not work. It needs neither web nor worker,
// and where no panel can be made it tells why among what can be looked at without one.
await withPanel(
  {},
  async ({ base, services }) => {
    const { doctor } = services;
    const checks = doctor.checks();
    const labels = new Map(checks.map(({ name, check }) => [name, check.label]));
    const runs = await doctor.run(checks, null);
    const codeUrlOf = (code = ''): string | undefined => {
      const href = services.errorLibrary.href(code);
      return href === undefined ? undefined : `${base.config.publicUrl}${href}`;
    };
    const rows = runs.map(({ name, finding }) => {
      return { label: labels.get(name) ?? name, finding, codeUrl: codeUrlOf(finding.code) };
    });
    print(rows, base.texts, base.siteLanguage());
  },
  async ({ config, plugins }, error) => {
    const log = panelLog(createPino({ level: 'silent' }));
    const texts = loadPanelTexts(plugins, log);
    const networks = plugins.map(({ plugin }) => plugin.name);
    const migrations = migrationFolders(plugins);
    const rows = await lookWithoutPanel({ t: texts.deferring, log, config, migrations, networks, error });
    print(rows, texts, config.language);
  },
);

function print(rows: readonly TableRow[], texts: Texts, language: Language): void {
  console.log(tableOf(rows, texts.speech(language)));
  if (rows.some(({ finding }) => finding.tone === 'bad')) process.exitCode = 1;
}
