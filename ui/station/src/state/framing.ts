/** What scanners put around a code: a prefix, a suffix and an AIM identifier. The engine takes them off whatever it is given. */

/** An AIM identifier (ISO/IEC 15424) at the beginning, or before the place where a code begins. */
const AIM_FIRST = /^\][A-Za-z][0-9A-Za-z]/;
export const AIM_LAST = /\][A-Za-z][0-9A-Za-z]$/;

/** The affix that the settings write so. */
export const affixOf = (text: string | null): string =>
  (text ?? "").replace(/\\(?:\\|x([0-9a-f]{2}))/gi, (_, digits?: string) => (digits ? String.fromCharCode(Number.parseInt(digits, 16)) : "\\"));

/** A text without what the settings say that scanners put around it. */
export function bare(text: string, settings: { scannerPrefix: string | null; scannerSuffix: string | null } | null): string {
  const [prefix, suffix] = [affixOf(settings?.scannerPrefix ?? null), affixOf(settings?.scannerSuffix ?? null)];
  let code = text;
  if (suffix !== "" && code.endsWith(suffix)) code = code.slice(0, -suffix.length);
  if (prefix !== "" && code.startsWith(prefix)) code = code.slice(prefix.length);
  return code.replace(AIM_FIRST, "");
}
