import type { SettingField, Text, Translate } from '#plugin-api';

/** What a field's own check found, in words. */
export function problemInWords(t: Translate, field: Pick<SettingField, 'label'>, problem: Text): string {
  return t(problem.key, { label: t(field.label), ...problem.values });
}
