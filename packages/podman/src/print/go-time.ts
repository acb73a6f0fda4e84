/** `2026-01-02T03:04:05.6Z` as Go prints a time: `2026-01-02 03:04:05.6 +0000 UTC`; any other text as it is. */
export function goTimeOf(text: string): string {
  const [, day, clock, fraction = '', sign, hours, minutes] =
    /^(\d{4}-\d\d-\d\d)T([\d:]+)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text) ?? []
  if (day === undefined) return text
  const zone = sign === undefined ? '+0000 UTC' : `${sign}${hours}${minutes} ${sign}${hours}${minutes}`
  return `${day} ${clock}${fraction.replace(/\.?0+$/, '')} ${zone}`
}
