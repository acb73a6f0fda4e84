/** `json`, and `{{json}}`, which is no valid template; `{{json .}}` is one, and shows each row by itself. */
export const isJson = (format: string | undefined): boolean =>
  format !== undefined && /^\s*(?:json|\{\{\s*json\.?\s*\}\})\s*$/.test(format)
